package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {
  @ParameterizedTest
  @ValueSource(strings = {"plain-quoted-77aa", "with\\quoted-77aa", "with/quoted-77aa"})
  void a_redirect_that_quotes_the_credential_is_told_without_it(String value) throws Exception {
    byte[] answer =
        ("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example.com/in/"
                + value
                + "/end\r\nContent-Length: 0\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    try (HostileServer server = new HostileServer((target, out) -> out.write(answer))) {
      RemoteSystem system =
          new HttpClients()
              .open(
                  "Harbor a/b",
                  ConnectionSettings.of(
                      server.url(),
                      new Credential.Custom("X-Key", value),
                      TlsSettings.SYSTEM,
                      100));
      RemoteCallException failure =
          catchThrowableOfType(
              RemoteCallException.class,
              () -> system.getJson(system.url("api").build(), AnswerLimit.OBJECT));
      assertThat(failure.describe())
          .contains("it redirects to https://elsewhere.example.com/in/***/end,")
          .doesNotContain("77aa");
    }
  }
}
