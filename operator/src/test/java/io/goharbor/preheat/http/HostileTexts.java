package io.goharbor.preheat.http;

import java.util.List;
import java.util.stream.Stream;

/** What somebody may write where a name belongs. */
public final class HostileTexts {
  private HostileTexts() {}

  /** All of them. */
  public static Stream<String> all() {
    return Stream.concat(
        Stream.of(
            "",
            ".",
            "..",
            "../..",
            "../../x",
            "../../platform/secrets/harbor-robot",
            "a/../../api/v2.0/users",
            "a/../b",
            "a/./b",
            "/etc",
            "a//b",
            "a/",
            "#",
            "a#b",
            "?x=",
            "a?x=y",
            "%2e%2e",
            "a/%2e%2e/%2e%2e/api/v2.0/users",
            "%2f..%2f",
            "%252e%252e%252f",
            "..;",
            "a/..;/..;/b",
            "a;b=c",
            "..\\..\\x",
            "a\\b",
            "a b",
            "a\tb",
            "a\r\nX-Injected: 1",
            "a\r\n\r\nGET /stolen HTTP/1.1\r\n",
            "a\u0000b",
            "a\u0085b",
            "a\u2028b",
            "a\u001b[31mb",
            "\uff0e\uff0e/x",
            "\ud800",
            "@evil.example.com",
            "user:password@evil.example.com",
            "evil.example.com:80/x",
            "a,b",
            "a:pull repository:b",
            "{project}/..",
            "$(x)"),
        Stream.of("a".repeat(100_000), "a/".repeat(50_000), "../".repeat(2_000)));
  }

  /** Whether the path of a request is one that no one on the way can take for another. */
  public static boolean isPlain(String target) {
    String path = target.split("\\?", 2)[0];
    return path.matches("[A-Za-z0-9._~:=+%/-]*")
        && !path.replaceAll("%(25)?2F", "/").contains("%")
        && List.of(path.replaceAll("%(25)?2F", "/").substring(1).split("/", -1)).stream()
            .noneMatch(segment -> segment.isEmpty() || segment.matches("\\.+"));
  }
}
