package io.keywright.format;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireReader;
import java.io.IOException;
import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERSequence;
import org.jspecify.annotations.Nullable;

/**
 * Reads a SEQUENCE of DER (ITU-T X.690) from the front, field by field; whatever is not as expected is a {@link
 * MalformedKeyException} with the field's name. Bouncy Castle parses, once {@link #requireBounds} has seen that the nesting,
 * the lengths and the number of elements are those of a key: its parser recurses, and allocates as it goes.
 *
 * <p>The parsed numbers cannot be wiped, as BigInteger cannot: a reader lives as short as it can. Not thread-safe.
 */
final class Asn1Reader {
    /** A DSA key with its parameters has a dozen elements; attributes of PKCS#8 may bring some more. */
    private static final int MAX_ELEMENTS = 1024;

    private final String format;
    private final ASN1Sequence sequence;
    private int next;

    private Asn1Reader(String format, ASN1Sequence sequence) {
        this.format = format;
        this.sequence = sequence;
    }

    /**
     * Parses a SEQUENCE, behind which nothing follows.
     *
     * @throws MalformedKeyException when it is none
     * @throws LimitExceededException when it is nested too deeply
     */
    static Asn1Reader of(String format, byte[] der, ReadLimits limits) {
        if (!(parse(format, der, limits) instanceof ASN1Sequence sequence)) {
            throw new MalformedKeyException(format, "ASN.1", "a SEQUENCE is expected");
        }
        return new Asn1Reader(format, sequence);
    }

    /**
     * Parses a SEQUENCE that was encrypted in CBC mode. One wrong passphrase in 256 happens to leave right padding; what it
     * leaves is no structure, then.
     *
     * @throws WrongPassphraseException when it is none
     */
    static Asn1Reader ofDecrypted(String format, byte[] der, ReadLimits limits) {
        try {
            return of(format, der, limits);
        } catch (MalformedKeyException | LimitExceededException e) {
            // Without its cause, which tells where in the garbage something looked like a length.
            throw new WrongPassphraseException(format, true);
        }
    }

    /** Parses an INTEGER that stands alone. */
    static BigInteger readLoneNumber(String format, byte[] der, String field, ReadLimits limits) {
        return new Asn1Reader(format, new DERSequence(parse(format, der, limits))).readNumber(field);
    }

    /** Parses an OCTET STRING that stands alone. */
    static byte[] readLoneOctets(String format, byte[] der, String field, ReadLimits limits) {
        return new Asn1Reader(format, new DERSequence(parse(format, der, limits))).readOctets(field);
    }

    private static ASN1Primitive parse(String format, byte[] der, ReadLimits limits) {
        requireBounds(format, der, limits);
        try {
            ASN1Primitive parsed = ASN1Primitive.fromByteArray(der);
            if (parsed != null) {
                return parsed;
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // Without its cause: the parser's message may quote the content.
            throw new MalformedKeyException(format, "ASN.1", "it cannot be parsed");
        }
        throw new MalformedKeyException(format, "ASN.1", "there is nothing");
    }

    /** Walks over tags and lengths without recursion. Only definite lengths and low tags occur in keys. */
    private static void requireBounds(String format, byte[] der, ReadLimits limits) {
        int[] ends = new int[Math.min(limits.maxAsn1Depth(), der.length) + 1];
        ends[0] = der.length;
        int depth = 0;
        int at = 0;
        for (int elements = 0; at < der.length; elements++) {
            if (elements == MAX_ELEMENTS) {
                throw new MalformedKeyException(
                        format, "ASN.1", "it has more than " + MAX_ELEMENTS + " elements: that is no key");
            }
            int tag = der[at++];
            if ((tag & 0x1f) == 0x1f) {
                throw new MalformedKeyException(format, "ASN.1", "a tag that does not occur in keys");
            }
            int lengthBytes = at < ends[depth] ? lengthBytes(format, der[at++]) : -1;
            if (lengthBytes < 0) {
                throw cut(format);
            }
            long length = der[at - 1];
            if (lengthBytes > 0) {
                length = 0;
                for (int i = 0; i < lengthBytes && at < ends[depth]; i++) {
                    length = length << 8 | (der[at++] & 0xff);
                }
            }
            if (length > ends[depth] - at) {
                throw cut(format);
            }
            if ((tag & 0x20) == 0) {
                at += (int) length;
            } else if (++depth < ends.length) {
                ends[depth] = at + (int) length;
            } else {
                throw new LimitExceededException(
                        "ASN.1 depth", depth, limits.maxAsn1Depth(), "raise it with ReadLimits.withMaxAsn1Depth");
            }
            while (depth > 0 && at == ends[depth]) {
                depth--;
            }
        }
        if (depth > 0) {
            throw cut(format);
        }
    }

    /** Returns how many bytes of length follow the first one, 0 when that is the length itself. */
    private static int lengthBytes(String format, int first) {
        if (first >= 0) {
            return 0;
        }
        int count = first & 0x7f;
        if (count == 0 || count > 4) {
            throw new MalformedKeyException(format, "ASN.1", "a length that is indefinite or has more than 4 bytes");
        }
        return count;
    }

    private static MalformedKeyException cut(String format) {
        return new MalformedKeyException(format, "ASN.1", "an element announces more than what is left");
    }

    /** Reads a version or the like: a number that is public and small. Returns -1 for any that is not. */
    int readSmallNumber(String field) {
        BigInteger number = readNumber(field);
        return number.bitLength() < 31 ? number.intValue() : -1;
    }

    /** Reads an INTEGER that must not be negative and has at most as many bits as any number of a key. */
    BigInteger readNumber(String field) {
        if (!(read(field) instanceof ASN1Integer integer)) {
            throw malformed(field, "an INTEGER is expected");
        }
        BigInteger number = integer.getValue();
        if (number.signum() < 0) {
            throw malformed(field, "negative number");
        }
        if (number.bitLength() > WireReader.MAX_NUMBER_BITS) {
            throw new LimitExceededException(
                    format + " number size in bits",
                    number.bitLength(),
                    WireReader.MAX_NUMBER_BITS,
                    "this limit is fixed");
        }
        return number;
    }

    /** Reads a count or a cost: an INTEGER of at least 1. */
    BigInteger readPositive(String field) {
        BigInteger number = readNumber(field);
        if (number.signum() == 0) {
            throw malformed(field, "it must be at least 1");
        }
        return number;
    }

    /** Reads an OCTET STRING. The array is the parsed object's own, so that it can be wiped; it is not to be changed before. */
    byte[] readOctets(String field) {
        if (!(read(field) instanceof ASN1OctetString octets)) {
            throw malformed(field, "an OCTET STRING is expected");
        }
        return octets.getOctets();
    }

    /** Reads a BIT STRING of whole bytes. */
    byte[] readBits(String field) {
        return bits(read(field), field);
    }

    ASN1ObjectIdentifier readOid(String field) {
        if (!(read(field) instanceof ASN1ObjectIdentifier oid)) {
            throw malformed(field, "an OBJECT IDENTIFIER is expected");
        }
        return oid;
    }

    Asn1Reader readSequence(String field) {
        return sequence(read(field), field);
    }

    /** Reads what may be left out at the end, whatever it is; null when nothing is left. */
    @Nullable
    ASN1Encodable readOptional() {
        return next < sequence.size() ? sequence.getObjectAt(next++) : null;
    }

    /** Reads a field in context-specific brackets when that comes next. */
    @Nullable
    ASN1TaggedObject readTagged(int number) {
        if (next < sequence.size()
                && sequence.getObjectAt(next) instanceof ASN1TaggedObject tagged
                && tagged.hasContextTag(number)) {
            next++;
            return tagged;
        }
        return null;
    }

    /** Reads what stands in EXPLICIT brackets when those come next. */
    @Nullable
    ASN1Encodable readExplicit(int number, String field) {
        ASN1TaggedObject tagged = readTagged(number);
        try {
            return tagged == null ? null : tagged.getExplicitBaseObject();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw malformed(field, "its brackets hold something else");
        }
    }

    /** Reads a BIT STRING of whole bytes with an IMPLICIT tag when that comes next. */
    byte @Nullable [] readImplicitBits(int number, String field) {
        ASN1TaggedObject tagged = readTagged(number);
        try {
            return tagged == null ? null : bits(ASN1BitString.getInstance(tagged, false), field);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw malformed(field, "a BIT STRING is expected");
        }
    }

    /** Tells whether an INTEGER comes next, where one may be left out. */
    boolean isNumberNext() {
        return next < sequence.size() && sequence.getObjectAt(next) instanceof ASN1Integer;
    }

    /** Takes an element for a SEQUENCE. */
    static Asn1Reader of(String format, @Nullable ASN1Encodable element, String field) {
        if (!(element instanceof ASN1Sequence inner)) {
            throw new MalformedKeyException(format, field, "a SEQUENCE is expected");
        }
        return new Asn1Reader(format, inner);
    }

    /** Takes an element for a SEQUENCE. */
    Asn1Reader sequence(@Nullable ASN1Encodable element, String field) {
        return of(format, element, field);
    }

    /** Takes an element for a BIT STRING of whole bytes. */
    byte[] bits(@Nullable ASN1Encodable element, String field) {
        if (!(element instanceof ASN1BitString bits) || bits.getPadBits() != 0) {
            throw malformed(field, "a BIT STRING of whole bytes is expected");
        }
        return bits.getOctets();
    }

    void requireEnd(String field) {
        if (next < sequence.size()) {
            throw malformed(field, (sequence.size() - next) + " elements too many");
        }
    }

    MalformedKeyException malformed(String field, String problem) {
        return new MalformedKeyException(format, field, problem);
    }

    private ASN1Encodable read(String field) {
        if (next == sequence.size()) {
            throw malformed(field, "it is missing");
        }
        return sequence.getObjectAt(next++);
    }
}
