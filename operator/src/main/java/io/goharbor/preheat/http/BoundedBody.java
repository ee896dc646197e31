package io.goharbor.preheat.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The body of an answer, unpacked while it is read, and only as far as its limit goes. */
final class BoundedBody extends InputStream {
  /** What a packed body may come to, as a multiple of what was sent; JSON packs to a 30th. */
  private static final int RATIO = 100;

  /** Below this the ratio does not matter. */
  private static final int SMALL = 64 * 1024;

  private static final int HEAD = 1024;

  private final AnswerLimit limit;
  private final Counted packed;
  private final boolean isPacked;
  private final byte[] head = new byte[HEAD];
  private @Nullable InputStream plain;
  private int bytes;

  private BoundedBody(InputStream sent, boolean isPacked, AnswerLimit limit) {
    this.packed = new Counted(sent);
    this.isPacked = isPacked;
    this.limit = limit;
  }

  /**
   * The body of an answer to a request that asked for gzip.
   *
   * @throws TooMuchException when it is packed in another way
   */
  static BoundedBody of(Response response, AnswerLimit limit) throws TooMuchException {
    String encoding = response.header("Content-Encoding", "identity");
    return switch (String.valueOf(encoding).toLowerCase(Locale.ROOT)) {
      case "gzip", "x-gzip" -> new BoundedBody(response.body().byteStream(), true, limit);
      case "identity", "" -> new BoundedBody(response.body().byteStream(), false, limit);
      default -> throw new TooMuchException("the answer is packed in a way that was not asked for");
    };
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = plain().read(into, offset, length);
    if (count <= 0) {
      return count;
    }
    if (bytes < HEAD) {
      System.arraycopy(into, offset, head, bytes, Math.min(count, HEAD - bytes));
    }
    bytes += count;
    if (bytes > limit.bytes()) {
      throw new TooMuchException(
          "the answer is longer than " + limit.bytes() + " bytes, the most for a " + limit.what());
    }
    if (isPacked && bytes > SMALL && bytes > RATIO * packed.bytes) {
      throw new TooMuchException(
          "the answer unpacks to more than " + RATIO + " times what was sent");
    }
    return count;
  }

  /** Reads what is left and keeps none of it. */
  void drain() throws IOException {
    byte[] dropped = new byte[8192];
    while (read(dropped, 0, dropped.length) >= 0) {
      // Counted while it is read.
    }
  }

  /** How much was read, unpacked. */
  int bytes() {
    return bytes;
  }

  /** How the body begins. */
  byte[] head() {
    return java.util.Arrays.copyOf(head, Math.min(bytes, HEAD));
  }

  private InputStream plain() throws IOException {
    InputStream opened = plain;
    if (opened == null) {
      opened = isPacked ? unpacked(packed) : packed;
      plain = opened;
    }
    return opened;
  }

  /** An answer without a body may have the header nevertheless. */
  private static InputStream unpacked(InputStream packed) throws IOException {
    PushbackInputStream peeked = new PushbackInputStream(packed, 1);
    int first = peeked.read();
    if (first < 0) {
      return peeked;
    }
    peeked.unread(first);
    return new GZIPInputStream(peeked);
  }

  @Override
  public void close() throws IOException {
    InputStream opened = plain;
    if (opened != null) {
      // Inflaters hold memory beside the heap.
      opened.close();
    }
  }

  private static final class Counted extends InputStream {
    private final InputStream sent;
    private long bytes;

    Counted(InputStream sent) {
      this.sent = sent;
    }

    @Override
    public int read() throws IOException {
      int one = sent.read();
      bytes += one < 0 ? 0 : 1;
      return one;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = sent.read(into, offset, length);
      bytes += Math.max(0, count);
      return count;
    }

    @Override
    public int available() throws IOException {
      return sent.available();
    }

    @Override
    public void close() throws IOException {
      sent.close();
    }
  }

  /** More than is read. */
  static final class TooMuchException extends IOException {
    private static final long serialVersionUID = 1L;

    TooMuchException(String message) {
      super(message);
    }
  }
}
