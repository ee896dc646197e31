package io.goharbor.preheat.e2e.chart;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Limits of the admission policy, and what they let in and what not. */
final class AdmissionCases {
  static final String REGISTRIES = "registries";
  static final String PROVIDERS = "providers";
  static final String POLICIES = "policies";

  /** The values with which the chart is rendered. */
  static final Map<String, Object> VALUES =
      Map.of(
          "admissionPolicy",
          Map.of(
              "enabled",
              true,
              "hosts",
              List.of("harbor.example.com", ".allowed.example", "192.0.2.7"),
              "namespaceHosts",
              Map.of("platform", List.of("*"), "edge", List.of("[2001:db8::1]")),
              "insecureNamespaces",
              List.of("edge", "test"),
              "maxPriority",
              10,
              "priorityNamespaces",
              List.of("platform")));

  /** All namespaces in which a case is. */
  static final List<String> NAMESPACES = List.of("shop", "platform", "edge", "test");

  /**
   * One object that somebody writes.
   *
   * @param policy which of the three policies judges it
   * @param spec the object's spec as YAML
   * @param refusal a part of the message; null: it is let in
   */
  record Case(String policy, String namespace, String spec, @Nullable String refusal) {
    String yaml(String name) {
      String kind =
          switch (policy) {
            case REGISTRIES -> "HarborRegistry";
            case PROVIDERS -> "P2PProvider";
            default -> "PreheatPolicy";
          };
      return """
      apiVersion: preheat.goharbor.io/v1alpha1
      kind: %s
      metadata: {name: %s, namespace: %s}
      spec: %s
      """
          .formatted(kind, name, namespace, spec);
    }

    Case elsewhere(String other) {
      return new Case(policy, other, spec, refusal);
    }

    @Override
    public String toString() {
      return namespace + " " + policy + " " + spec;
    }
  }

  private AdmissionCases() {}

  static List<Case> all() {
    return List.of(
        registry("shop", "https://harbor.example.com", null),
        registry("shop", "https://HARBOR.example.com:8443/base", null),
        registry("shop", "https://a.b.allowed.example/", null),
        registry("shop", "http://192.0.2.7:8080", null),
        registry("shop", "https://evil.example.com", "host evil.example.com of a URL"),
        registry("shop", "https://harbor.example.com.evil.example", "not allowed"),
        registry("shop", "https://xharbor.example.com", "not allowed"),
        registry("shop", "https://allowed.example", "not allowed"),
        registry("shop", "https://notallowed.example", "not allowed"),
        registry("shop", "http://169.254.169.254", "hosts.shop of ConfigMap preheat-system/"),
        registry("shop", "http://[2001:db8::1]:80", "not allowed"),
        registry("edge", "http://[2001:DB8::1]:80", null),
        registry("platform", "https://anywhere.example", null),
        new Case(
            REGISTRIES,
            "shop",
            "{url: 'https://harbor.example.com', registryURL: 'https://evil.example'}",
            "host evil.example"),
        new Case(
            REGISTRIES,
            "shop",
            "{url: 'https://harbor.example.com', tls: {insecureSkipVerify: true}}",
            "spec.tls.insecureSkipVerify: not allowed for namespace shop"),
        new Case(
            REGISTRIES,
            "shop",
            "{url: 'https://harbor.example.com', tls: {insecureSkipVerify: false}}",
            null),
        new Case(
            REGISTRIES,
            "test",
            "{url: 'https://harbor.example.com', tls: {insecureSkipVerify: true}}",
            null),
        provider(
            "shop", "type: Dragonfly, dragonfly: {url: 'http://df.allowed.example:8080'}", null),
        provider("shop", "type: Dragonfly, dragonfly: {url: 'http://10.0.0.1'}", "host 10.0.0.1"),
        provider(
            "shop",
            "type: Dragonfly, dragonfly: {url: 'http://df.allowed.example', proxyURL: 'http://b'}",
            "host b of"),
        provider(
            "shop", "type: Kraken, kraken: {proxyURL: 'http://kubernetes'}", "host kubernetes"),
        provider(
            "shop",
            "type: Kraken, kraken: {proxyURL: 'http://192.0.2.7', originURL: 'http://c'}",
            "host c of"),
        provider(
            "shop",
            "type: Kraken, kraken: {proxyURL: 'http://192.0.2.7', originURL: 'http://192.0.2.7'}",
            null),
        provider(
            "shop",
            "type: Kraken, kraken: {originURL: 'https://192.0.2.7'}, tls: {insecureSkipVerify: true}",
            "caBundleRef"),
        policy("shop", "", null),
        policy("shop", ", priority: 10", null),
        policy("shop", ", priority: -5", null),
        policy("shop", ", priority: 11", "spec.priority: 11 is more than 10"),
        policy("platform", ", priority: 1000", null));
  }

  /** What the schema refuses, too, or may one day. */
  static List<Case> odd() {
    return List.of(
        registry("shop", "https://evil.example\\\\.allowed.example", "no plain host"),
        registry("shop", "https://evil.example\\\\@harbor.example.com", "no plain host"),
        registry("shop", "https://harbor.example.com@evil.example", "no plain host"),
        registry("shop", "https://harbor.example.com:x@evil.example/", "no plain host"),
        registry("shop", "https:///harbor.example.com", "no plain host"),
        registry("shop", "https://evil.example?.allowed.example", "no plain host"),
        registry("shop", "https://harbor.example.com.", "not allowed"));
  }

  private static Case registry(String namespace, String url, @Nullable String refusal) {
    return new Case(REGISTRIES, namespace, "{url: \"" + url + "\"}", refusal);
  }

  private static Case provider(String namespace, String spec, @Nullable String refusal) {
    return new Case(PROVIDERS, namespace, "{" + spec + "}", refusal);
  }

  private static Case policy(String namespace, String more, @Nullable String refusal) {
    return new Case(
        POLICIES,
        namespace,
        "{harborRef: {name: main}, providerRefs: [{name: p}]" + more + "}",
        refusal);
  }
}
