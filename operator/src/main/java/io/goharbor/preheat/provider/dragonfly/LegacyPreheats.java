package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import io.goharbor.preheat.http.UrlPath;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The preheats of Dragonfly 1 (supernode) and of Managers from 2.0 to 2.4.0, which kept their
 * routes; one method a call. Neither asks who calls.
 */
final class LegacyPreheats {
  private static final Pattern EXISTING = Pattern.compile("already exists, id:\\s*([^\\s\",}]+)");

  /** What is read of a preheat; Dragonfly 1 writes the key ID. */
  record Preheat(
      @JsonProperty("id") @JsonAlias("ID") @Nullable String id,
      @JsonProperty("status") @Nullable String status,
      @JsonProperty("errorMsg") @Nullable String error) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Body(
      @JsonProperty("type") String type,
      @JsonProperty("url") String url,
      @JsonProperty("headers") @Nullable Map<String, String> headers) {}

  private final RemoteSystem calls;
  private final RemoteSystem probes;

  LegacyPreheats(RemoteSystem calls, RemoteSystem probes) {
    this.calls = calls;
    this.probes = probes;
  }

  /** Whether these routes are there: a later Manager redirects to its console. */
  void ping() throws RemoteCallException {
    var _ =
        probes.send(
            new Request.Builder().url(probes.url("_ping").build()).build(),
            AnswerLimit.PROBE.within(probes.settings().readTimeout()));
  }

  /** Creates a preheat; of one that Dragonfly 1 knows already it tells the id. */
  String create(String manifestUrl, PullAuthorization authorization) throws RemoteCallException {
    Request request =
        new Request.Builder()
            .url(calls.url("preheats").build())
            .post(
                RemoteSystem.jsonBody(
                    new Body(
                        "image",
                        manifestUrl,
                        authorization
                            .header()
                            .map(value -> Map.of("Authorization", value))
                            .orElse(null))))
            .build();
    Reply reply = calls.send(request, calling());
    Matcher existing = EXISTING.matcher(reply.status() == 208 ? reply.text() : "");
    String id = existing.find() ? existing.group(1) : read(reply).id();
    if (id == null || !UrlPath.isSegment(id)) {
      throw unreadable(reply);
    }
    return id;
  }

  /** Reads a preheat; one that is unknown is a {@link RemoteCallException} with status 404. */
  Preheat get(String id) throws RemoteCallException {
    if (!UrlPath.isSegment(id)) {
      throw new RemoteCallException(
          FailureClass.PERMANENT,
          Reason.JOB_LOST,
          404,
          calls.name() + " gives no preheat the id " + Grammar.shown(id),
          null,
          false,
          null);
    }
    return read(
        calls.send(
            new Request.Builder()
                .url(calls.url("preheats", id).build())
                .header("Accept", "application/json")
                .build(),
            calling()));
  }

  /** A creation waits for its turn too, which is no time of Dragonfly's. */
  private AnswerLimit calling() {
    return AnswerLimit.RECEIPT.taking(calls.settings().readTimeout().plus(Duration.ofSeconds(30)));
  }

  private Preheat read(Reply reply) throws RemoteCallException {
    Preheat preheat = null;
    try {
      preheat = RemoteSystem.JSON.readValue(reply.body(), Preheat.class);
    } catch (IOException notJson) {
      // Not as the cause: the words of a parser quote the answer.
    }
    if (preheat == null) {
      throw unreadable(reply);
    }
    return preheat;
  }

  private RemoteCallException unreadable(Reply reply) {
    return new RemoteCallException(
        FailureClass.RETRY,
        Reason.UNEXPECTED_ANSWER,
        reply.status(),
        calls.name() + " gave an answer that is not the JSON of a preheat",
        null,
        true,
        null);
  }
}
