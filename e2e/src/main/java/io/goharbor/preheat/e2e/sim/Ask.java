package io.goharbor.preheat.e2e.sim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request as it came over the wire.
 *
 * @param rawPath path still percent-encoded
 * @param headers by lower-case name; the first value of each
 * @param variables what the route's pattern caught, still percent-encoded
 * @param clientCertificate whether the client showed a certificate that the server trusts
 */
public record Ask(
    Instant at,
    String method,
    String rawPath,
    @Nullable String rawQuery,
    Map<String, String> headers,
    byte[] body,
    Map<String, String> variables,
    boolean clientCertificate) {

  static final ObjectMapper JSON = new ObjectMapper();

  /** A header by name, any case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** A path variable, still percent-encoded. */
  public String variable(String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no variable " + name);
    }
    return value;
  }

  /** A path variable, percent-decoded once. */
  public String decoded(String name) {
    return URLDecoder.decode(variable(name).replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The first value of a query parameter. */
  public Optional<String> query(String name) {
    return queries(name).stream().findFirst();
  }

  /** All values of a query parameter. */
  public List<String> queries(String name) {
    return allQueries().getOrDefault(name, List.of());
  }

  /** The query, decoded, in order. */
  public Map<String, List<String>> allQueries() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    if (rawQuery != null && !rawQuery.isEmpty()) {
      for (String pair : rawQuery.split("&", -1)) {
        int equals = pair.indexOf('=');
        String key = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        all.computeIfAbsent(
                URLDecoder.decode(key, StandardCharsets.UTF_8), ignored -> new ArrayList<>())
            .add(URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return all;
  }

  /** The body as text. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /**
   * The body as JSON.
   *
   * @throws JsonProcessingException when it is none
   */
  public JsonNode json() throws JsonProcessingException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return method + " " + rawPath + (rawQuery == null ? "" : "?" + rawQuery);
  }
}
