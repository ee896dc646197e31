package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Ask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Robot accounts, what they may do, and the tokens for the registry. As in Harbor, a caller with a
 * wrong secret is no error by itself: he is anonymous.
 */
final class Accounts {
  private record Robot(String secret, Set<String> permissions) {}

  private record Token(Instant expires, Set<String> pulls) {}

  private static final Set<String> PUBLIC =
      Set.of(
          "project:read", "repository:list", "artifact:list", "artifact:read", "repository:pull");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InstantSource clock;
  private final Map<String, Robot> robots = new ConcurrentHashMap<>();
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();
  private volatile Duration tokenLife = Duration.ofMinutes(30);

  Accounts(InstantSource clock) {
    this.clock = clock;
  }

  void add(String name, String secret, Set<String> permissions) {
    robots.put(name, new Robot(secret, permissions));
  }

  void remove(String name) {
    robots.remove(name);
  }

  Duration tokenLife() {
    return tokenLife;
  }

  void tokenLife(Duration life) {
    tokenLife = life;
  }

  void revokeTokens() {
    tokens.clear();
  }

  /** The robot that signed in with the right secret. */
  Optional<String> account(Ask ask) {
    String authorization = ask.header("Authorization").orElse("");
    if (!authorization.startsWith("Basic ")) {
      return Optional.empty();
    }
    String pair;
    try {
      pair =
          new String(
              Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
    int colon = pair.indexOf(':');
    Robot robot = colon < 0 ? null : robots.get(pair.substring(0, colon));
    return robot != null && robot.secret().equals(pair.substring(colon + 1))
        ? Optional.of(pair.substring(0, colon))
        : Optional.empty();
  }

  /** Whether the caller may do something, such as artifact:list, in a project. */
  boolean may(Optional<String> account, Content.Project project, String permission) {
    if (project.isPublic && PUBLIC.contains(permission)) {
      return true;
    }
    return account
        .map(robots::get)
        .map(Robot::permissions)
        .filter(granted ->
            granted.isEmpty()
                || granted.contains(permission)
                || granted.contains(project.name + "/" + permission))
        .isPresent();
  }

  /** Whether a robot may do something, such as preheat-instance:list, in the system. */
  boolean may(String account, String permission) {
    Robot robot = robots.get(account);
    return robot != null
        && (robot.permissions().isEmpty() || robot.permissions().contains(permission));
  }

  /**
   * Mints a token. As in Harbor, one without any right is given too.
   *
   * @param scopes as the Docker token specification writes them: {@code repository:name:actions}
   */
  String mint(Optional<String> account, List<String> scopes, Content content) {
    Instant now = clock.instant();
    ObjectNode claims = JSON.createObjectNode();
    claims
        .put("iss", "harbor-token-issuer")
        .put("sub", account.orElse(""))
        .put("aud", "harbor-registry")
        .put("exp", now.plus(tokenLife).getEpochSecond())
        .put("nbf", now.getEpochSecond())
        .put("iat", now.getEpochSecond())
        .put("jti", UUID.randomUUID().toString())
        .putArray("access");
    Set<String> pulls = new HashSet<>();
    for (String scope : scopes) {
      String[] parts = scope.split(":", 3);
      if (parts.length < 3 || !parts[0].equals("repository")) {
        continue;
      }
      ObjectNode grant = claims.withArray("access").addObject();
      grant.put("type", "repository").put("name", parts[1]).putArray("actions");
      Content.Project project = content.projects.get(parts[1].split("/", 2)[0]);
      // The actions that were asked for do not matter: all that the account may do is granted.
      if (project != null && may(account, project, "repository:pull")) {
        grant.withArray("actions").add("pull");
        pulls.add(parts[1]);
      }
    }
    String token =
        base64("{\"alg\":\"RS256\",\"typ\":\"JWT\"}")
            + "."
            + base64(claims.toString())
            + "."
            + base64(UUID.randomUUID().toString());
    tokens.put(token, new Token(now.plus(tokenLife), Set.copyOf(pulls)));
    return token;
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the caller may pull: by token, or by Basic. No one may without either. */
  boolean mayPull(Ask ask, Content.Project project, String name) {
    String authorization = ask.header("Authorization").orElse("");
    if (authorization.startsWith("Bearer ")) {
      Token token = tokens.get(authorization.substring(7));
      return token != null
          && clock.instant().isBefore(token.expires())
          && token.pulls().contains(name);
    }
    Optional<String> account = account(ask);
    return account.isPresent() && may(account, project, "repository:pull");
  }
}
