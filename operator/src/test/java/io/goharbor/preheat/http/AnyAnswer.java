package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A server that answers each request with the bytes it was given last, and the check that whatever
 * is made of them either is a value or a classified failure, and takes memory by their length.
 */
public final class AnyAnswer {
  /** A call to the server. */
  @FunctionalInterface
  public interface Call {
    /** Asks. */
    void run() throws RemoteCallException;
  }

  /** For connections and buffers, however short the answer is. */
  private static final long BASE = 3L << 20;

  /** Of a byte, such as a bracket, there comes a node. */
  private static final long A_BYTE = 1_000;

  private static final AtomicReference<byte[]> BODY = new AtomicReference<>(new byte[0]);
  private static final HostileServer SERVER =
      new HostileServer((target, out) -> {
        out.write(HostileServer.head(200));
        out.write(BODY.get());
      });

  private AnyAnswer() {}

  /** A system at the server. */
  public static RemoteSystem system() {
    return new HttpClients()
        .open(
            "system",
            ConnectionSettings.of(
                SERVER.url(), new Credential.None(), TlsSettings.SYSTEM, 1_000_000));
  }

  /** Its base URL. */
  public static String url() {
    return SERVER.url();
  }

  /** Checks calls that are answered with a body. */
  public static void check(byte[] body, Call... calls) throws Exception {
    // What is fuzzed does connect: to the server above.
    BugDetectors.allowNetworkConnections();
    BODY.set(body);
    for (Call call : calls) {
      long most = BASE + A_BYTE * body.length;
      long taken = taken(call);
      // The first time classes are loaded, and what reads a type is made.
      for (int again = 0; again < 3 && taken >= most; again++) {
        taken = taken(call);
      }
      assertThat(taken).isLessThan(most);
    }
  }

  private static long taken(Call call) throws Exception {
    return Allocated.by(() -> {
      try {
        call.run();
      } catch (RemoteCallException e) {
        assertThat(e.describe()).isNotBlank().hasSizeLessThan(4096);
      }
    });
  }
}
