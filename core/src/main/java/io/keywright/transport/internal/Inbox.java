package io.keywright.transport.internal;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** What has come over a channel and was not read yet, and the news that somebody may be waiting for. Thread-safe. */
final class Inbox implements RemoteChannel.Receiver {
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private int takenOfFirst;
    private boolean ended;
    private boolean closedHere;

    @Override
    public synchronized void standardOutput(byte[] data, int offset, int length) {
        if (!closedHere) {
            arrived.add(Arrays.copyOfRange(data, offset, offset + length));
            notifyAll();
        }
    }

    @Override
    public synchronized void endOfOutput() {
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized void inputSent() {
        notifyAll();
    }

    @Override
    public boolean takesItsTime() {
        return true;
    }

    /** Drops what is there and what still comes, and wakes whoever waits. */
    synchronized void close() {
        closedHere = true;
        arrived.clear();
        notifyAll();
    }

    /**
     * Waits for something and takes it.
     *
     * @param channelEnded fails when the connection went before the channel
     * @return how many bytes, or -1 at the end
     */
    synchronized int take(byte[] into, int offset, int length, CompletableFuture<Void> channelEnded)
            throws IOException {
        while (arrived.isEmpty()) {
            if (closedHere || channelEnded.isCompletedExceptionally()) {
                throw closed();
            } else if (ended) {
                return -1;
            }
            await();
        }
        byte[] first = arrived.element();
        int count = Math.min(length, first.length - takenOfFirst);
        System.arraycopy(first, takenOfFirst, into, offset, count);
        takenOfFirst += count;
        if (takenOfFirst == first.length) {
            arrived.remove();
            takenOfFirst = 0;
        }
        return count;
    }

    synchronized int available() {
        return arrived.stream().mapToInt(chunk -> chunk.length).sum() - takenOfFirst;
    }

    /** Waits until there is room for more input; fails when none will be taken any more. */
    synchronized void awaitRoom(BooleanSupplier full, BooleanSupplier over) throws IOException {
        while (!closedHere && !over.getAsBoolean() && full.getAsBoolean()) {
            await();
        }
        if (closedHere || over.getAsBoolean()) {
            throw closed();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // every caller loops
    private void await() throws InterruptedIOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the remote side");
        }
    }

    private IOException closed() {
        return new IOException(closedHere ? "the stream has been closed" : "the connection ended");
    }
}
