package io.goharbor.preheat.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads the body of one request into memory that all requests share. */
final class RequestBody implements AutoCloseable {
  /** What came of reading. */
  enum Outcome {
    /** It is there. */
    READ,
    /** It is longer than a body may be. */
    TOO_LONG,
    /** Other bodies have the memory now. */
    NO_ROOM
  }

  private static final int FIRST = 8 * 1024;

  private final ByteBudget budget;
  private final int longest;
  private byte[] bytes = new byte[0];
  private int length;

  RequestBody(ByteBudget budget, int longest) {
    this.budget = budget;
    this.longest = longest;
  }

  /** Reads to the end; memory is taken as bytes come, whatever length the caller claims. */
  Outcome read(InputStream from) throws IOException {
    for (int read = 0; read >= 0; ) {
      length += read;
      if (length > longest) {
        return Outcome.TOO_LONG;
      }
      if (length == bytes.length) {
        int larger = Math.min(Math.max(FIRST, 2 * bytes.length), longest + 1);
        if (!budget.take(larger)) {
          return Outcome.NO_ROOM;
        }
        int before = bytes.length;
        bytes = Arrays.copyOf(bytes, larger);
        budget.give(before);
      }
      read = from.read(bytes, length, bytes.length - length);
    }
    return Outcome.READ;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public void close() {
    budget.give(bytes.length);
    bytes = new byte[0];
    length = 0;
  }
}
