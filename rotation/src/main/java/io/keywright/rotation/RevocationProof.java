package io.keywright.rotation;

/**
 * What shows that the old key is dead on a device and the new one lives.
 *
 * <p>A refusal proves something only when the same question was answered with yes before: a key can be refused because of
 * its options while its line is still there.
 *
 * @param oldBefore whether the old key was accepted before the change, asked in this rotation
 * @param oldAfter whether it was accepted after its lines were removed
 * @param newAfter whether the new key logged in after that
 * @param removed whether reading back found the old key in none of the device's files
 */
public record RevocationProof(Answer oldBefore, Answer oldAfter, Answer newAfter, boolean removed) {

    /** Nothing is known yet. */
    public static final RevocationProof NONE =
            new RevocationProof(Answer.UNKNOWN, Answer.UNKNOWN, Answer.UNKNOWN, false);

    /**
     * Tells whether all of it together is a proof.
     *
     * @return true when the old key was accepted, is in no file and is refused now, and the new one logs in
     */
    public boolean isComplete() {
        return oldBefore == Answer.ACCEPTED && oldAfter == Answer.REFUSED && newAfter == Answer.ACCEPTED && removed;
    }
}
