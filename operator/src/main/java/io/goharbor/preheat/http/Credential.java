package io.goharbor.preheat.http;

import io.goharbor.preheat.api.Grammar;
import java.util.Optional;
import okhttp3.Credentials;
import okhttp3.Request;

/** How the operator signs in. The text form of a credential never shows it. */
public sealed interface Credential {
  /** The header to add, if any. */
  Optional<Header> header();

  /** Adds the header to a request that does not carry it already. */
  default Request applyTo(Request request) {
    return header()
        .filter(header -> request.header(header.name()) == null)
        .map(header -> header.addTo(request))
        .orElse(request);
  }

  /** A header with a secret value. */
  record Header(String name, String value) {
    private Request addTo(Request request) {
      try {
        return request.newBuilder().header(name, value).build();
      } catch (IllegalArgumentException e) {
        // Without the cause: its message quotes the value.
        throw new IllegalArgumentException("the credentials cannot be sent as an HTTP header");
      }
    }

    @Override
    public String toString() {
      return name + ": ***";
    }
  }

  /** No sign-in. */
  record None() implements Credential {
    @Override
    public Optional<Header> header() {
      return Optional.empty();
    }
  }

  /** HTTP Basic. */
  record Basic(String user, String password) implements Credential {
    @Override
    public Optional<Header> header() {
      return Optional.of(
          new Header(
              "Authorization",
              Credentials.basic(user, password, java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
      return "Basic " + user + ":***";
    }
  }

  /** A bearer token. */
  record Bearer(String token) implements Credential {
    @Override
    public Optional<Header> header() {
      return Optional.of(new Header("Authorization", "Bearer " + token));
    }

    @Override
    public String toString() {
      return "Bearer ***";
    }
  }

  /** Any header. */
  record Custom(String name, String value) implements Credential {
    /**
     * A header that HTTP leaves to its users.
     *
     * @throws io.goharbor.preheat.api.InvalidSpecException when the name is that of another
     */
    public Custom {
      Grammar.checkHeader("header", name);
    }

    @Override
    public Optional<Header> header() {
      return Optional.of(new Header(name, value));
    }

    @Override
    public String toString() {
      return name + ": ***";
    }
  }
}
