package io.goharbor.preheat.e2e.harbor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What an administrator's browser sends to set Harbor's own preheating up. */
public final class PreheatCalls {
  private PreheatCalls() {}

  /**
   * Posts JSON.
   *
   * @param path below /api/v2.0
   * @return the status
   */
  public static int post(String url, String user, String secret, String path, String body)
      throws IOException, InterruptedException {
    String basic =
        Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(url + "/api/v2.0" + path))
                  .header("Authorization", "Basic " + basic)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
