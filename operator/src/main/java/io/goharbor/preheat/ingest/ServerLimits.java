package io.goharbor.preheat.ingest;

import java.util.Map;

/**
 * Limits of the JDK's HTTP server. It reads them once for the whole JVM, from system properties,
 * when the first server is made; a value that is set on the command line stays.
 */
public final class ServerLimits {
  private ServerLimits() {}

  /** Sets the limits; to be called before any server is made. */
  public static void apply(IngestLimits configured) {
    Map<String, String> limits =
        Map.of(
            // Seconds for a request to arrive. Without it a slow client holds its connection for
            // ever.
            "sun.net.httpserver.maxReqTime",
            Long.toString(Math.ceilDiv(configured.requestTimeout().toMillis(), 1000)),
            // Seconds for the answer, made and read; a commit takes two and a half at most.
            "sun.net.httpserver.maxRspTime",
            "30",
            "sun.net.httpserver.maxReqHeaderSize",
            Integer.toString(16 * 1024),
            // A connection takes up to 100 KiB with TLS. Harbor calls from ten workers unless it
            // is set up otherwise.
            "jdk.httpserver.maxConnections",
            Integer.toString(configured.connections()),
            // Answers come in groups. Of 200 connections at rest, the default, the next one is
            // closed, and the caller that sends on it meets a reset.
            "sun.net.httpserver.maxIdleConnections",
            Integer.toString(configured.connections()),
            // An answer is two small writes; the second would wait for an acknowledgement.
            "sun.net.httpserver.nodelay",
            "true");
    limits.forEach((name, value) -> {
      if (System.getProperty(name) == null) {
        System.setProperty(name, value);
      }
    });
  }
}
