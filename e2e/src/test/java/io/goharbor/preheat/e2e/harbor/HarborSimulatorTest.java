package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulator is as strict as Harbor: what Harbor would not take must not pass here. */
class HarborSimulatorTest extends HarborBench {
  private static final String BASIC =
      "Basic "
          + Base64.getEncoder()
              .encodeToString((ROBOT + ":" + SECRET).getBytes(StandardCharsets.UTF_8));

  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void closeHttp() {
    http.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /projects/shop/repositories/team%252Fweb/artifacts/1.0   | 200
          /projects/shop/repositories/team%2Fweb/artifacts/1.0     | 404
          /projects/shop/repositories/team%252Fweb/artifacts       | 200
          /projects/shop/artifacts?page_size=100                   | 200
          /projects/shop/artifacts?page_size=101                   | 422
          /projects/shop/artifacts?page=0                          | 422
          /projects/shop/artifacts?with_labels=true                | 422
          /projects/shop/artifacts?q=tags%3D*                      | 200
          /projects/shop/artifacts?q=tag                           | 400
          /projects/shop/artifacts?q=colour%3Dred                  | 400
          /projects/shop/artifacts?q=push_time%3D%5B2026-01-01T00:00:00~%5D | 200
          /projects/shop/artifacts?q=push_time%3D%5B2026-01-01%2000:00:00~%5D | 400
          /projects/shop/artifacts?sort=colour                     | 400
          /projects/other/artifacts                                | 403
          /nothing                                                 | 404
          """)
  void requests_are_taken_as_harbor_takes_them(String path, int status) throws Exception {
    harbor.push("shop", "team/web", "1.0", LAYERS);
    assertThat(get("/api/v2.0" + path, BASIC).statusCode()).isEqualTo(status);
  }

  @Test
  void without_an_account_a_private_project_is_not_shown() throws Exception {
    assertThat(get("/api/v2.0/projects/shop/artifacts", null).statusCode()).isEqualTo(401);
  }

  @Test
  void a_client_with_a_cookie_jar_runs_into_the_csrf_check() throws Exception {
    HttpResponse<byte[]> first = get("/api/v2.0/projects", BASIC);
    String cookie = first.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    HttpRequest second =
        request("/api/v2.0/projects", BASIC).header("Cookie", cookie).GET().build();
    assertThat(http.send(second, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(403);
  }

  @Test
  void links_name_the_pages_beside_and_are_no_uris() throws Exception {
    for (int i = 0; i < 5; i++) {
      harbor.push("shop", "web", "t" + i, Map.of("layer " + i, 10L));
    }
    HttpResponse<byte[]> answer =
        get("/api/v2.0/projects/shop/artifacts?page=2&page_size=2&q=tags%3D~t", BASIC);
    assertThat(answer.headers().firstValue("X-Total-Count")).contains("5");
    assertThat(answer.headers().firstValue("Link"))
        .contains(
            "</api/v2.0/projects/shop/artifacts?page=1&page_size=2&q=tags=~t>; rel=\"prev\" ,"
                + " </api/v2.0/projects/shop/artifacts?page=3&page_size=2&q=tags=~t>;"
                + " rel=\"next\"");
  }

  @Test
  void the_registry_wants_a_token_and_says_where_it_is_had() throws Exception {
    harbor.createProject("library", true);
    String digest = harbor.push("library", "nginx", "1", LAYERS);
    String path = "/v2/library/nginx/manifests/" + digest;
    HttpResponse<byte[]> refused = get(path, null);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("Www-Authenticate"))
        .contains(
            "Bearer realm=\""
                + harbor.url()
                + "/service/token\",service=\"harbor-registry\","
                + "scope=\"repository:library/nginx:pull\"");
    assertThat(get(path, "Bearer " + token("repository:library/nginx:pull")).statusCode())
        .isEqualTo(200);
    assertThat(get(path, "Bearer " + token("repository:library/other:pull")).statusCode())
        .isEqualTo(401);
    assertThat(get("/service/token?service=other", null).statusCode()).isEqualTo(400);
    assertThat(get("/v2/", null).statusCode()).isEqualTo(401);
  }

  @Test
  void manifests_and_small_blobs_have_the_digests_they_are_asked_by() throws Exception {
    String digest = harbor.push("shop", "web", "1", Map.of("small", 3_000L, "large", 50_000_000L));
    HttpResponse<byte[]> manifest = get("/v2/shop/web/manifests/1", BASIC);
    assertThat(sha256(manifest.body())).isEqualTo(digest);
    for (JsonNode layer : new ObjectMapper().readTree(manifest.body()).path("layers")) {
      String blob = layer.path("digest").asText();
      HttpRequest head =
          request("/v2/shop/web/blobs/" + blob, BASIC)
              .method("HEAD", HttpRequest.BodyPublishers.noBody())
              .build();
      assertThat(
              http.send(head, HttpResponse.BodyHandlers.discarding())
                  .headers()
                  .firstValueAsLong("Content-Length"))
          .hasValue(layer.path("size").asLong());
      if (layer.path("size").asLong() == 3_000) {
        byte[] body = get("/v2/shop/web/blobs/" + blob, BASIC).body();
        assertThat(body).hasSize(3_000);
        assertThat(sha256(body)).isEqualTo(blob);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"name":"a","enabled":true,"event_types":["PUSH_ARTIFACT"],"targets":[{"type":"http","address":"http://h"}]} | 201
          {"name":"taken","event_types":["PUSH_ARTIFACT"],"targets":[{"type":"http","address":"http://h"}]} | 409
          {"name":"a","event_types":[],"targets":[{"type":"http","address":"http://h"}]} | 400
          {"name":"a","event_types":["PUSHED"],"targets":[{"type":"http","address":"http://h"}]} | 400
          {"name":"a","event_types":["PUSH_ARTIFACT"],"targets":[]} | 400
          {"name":"a","event_types":["PUSH_ARTIFACT"],"targets":[{"type":"mail","address":"http://h"}]} | 400
          {"name":"a","event_types":["PUSH_ARTIFACT"],"targets":[{"type":"http","address":"ftp://h"}]} | 400
          {"name":"a","event_types":["PUSH_ARTIFACT"],"targets":[{"type":"http","address":"http://h","payload_format":"cloudevents"}]} | 400
          not json | 422
          """)
  void webhook_policies_are_checked(String body, int status) throws Exception {
    String path = "/api/v2.0/projects/shop/webhook/policies";
    String taken =
        "{\"name\":\"taken\",\"event_types\":[\"PUSH_ARTIFACT\"],"
            + "\"targets\":[{\"type\":\"http\",\"address\":\"h\"}]}";
    assertThat(post(path, taken)).isEqualTo(201);
    assertThat(post(path, body)).isEqualTo(status);
    assertThat(harbor.webhookPolicies("shop").getFirst().at("/targets/0/address").asText())
        .isEqualTo("http://h");
  }

  private int post(String path, String body) throws IOException, InterruptedException {
    return http.send(
            request(path, BASIC).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private String token(String scope) throws IOException, InterruptedException {
    byte[] body = get("/service/token?service=harbor-registry&scope=" + scope, null).body();
    return new ObjectMapper().readTree(body).path("token").asText();
  }

  private HttpRequest.Builder request(String path, @Nullable String authorization) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(harbor.url() + path));
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  private HttpResponse<byte[]> get(String path, @Nullable String authorization)
      throws IOException, InterruptedException {
    return http.send(request(path, authorization).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String sha256(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
