package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks for the values of all Secrets in all that left the operator, however they are written. */
final class Secrecy {
  /** Shorter ones are found everywhere. */
  private static final int SHORTEST = 6;

  private final SharedCluster cluster;

  Secrecy(SharedCluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Fails when a value is found where it does not belong.
   *
   * @param witness something that the search must find, in the log or in an object
   */
  void check(String witness) throws IOException {
    Map<String, String> open = new LinkedHashMap<>();
    open.put("the log", cluster.world().operator().output());
    open.put("the metrics", metrics());
    for (String kind :
        List.of("HarborRegistry", "P2PProvider", "PreheatPolicy", "PreheatExecution")) {
      open.put("objects of kind " + kind, objects("preheat.goharbor.io/v1alpha1", kind));
    }
    open.put("Events", objects("v1", "Event"));
    assertThat(String.join("\n", open.values())).contains(witness);
    StringBuilder foreign = new StringBuilder();
    cluster.servers().forEach(server -> foreign.append(server.seen()));
    Set<String> found = new LinkedHashSet<>();
    for (Secret secret : cluster.client().secrets().inAnyNamespace().list().getItems()) {
      if (secret.getData() == null) {
        continue;
      }
      secret
          .getData()
          .forEach((key, encoded) -> {
            String name =
                secret.getMetadata().getNamespace()
                    + "/"
                    + secret.getMetadata().getName()
                    + "."
                    + key;
            if (key.equals("username")) {
              return;
            }
            for (String form : forms(Base64.getDecoder().decode(encoded))) {
              open.forEach((where, text) -> {
                if (text.contains(form)) {
                  found.add(name + " in " + where + " as " + around(text, form));
                }
              });
              if (secret.getMetadata().getNamespace().equals(SharedCluster.PLATFORM)
                  && foreign.indexOf(form) >= 0) {
                found.add(name + " at a server of the tenant's");
              }
            }
          });
    }
    assertThat(found).as("values of Secrets in the open").isEmpty();
  }

  private static String around(String text, String form) {
    int at = text.indexOf(form);
    return text.substring(Math.max(0, at - 120), Math.min(text.length(), at + form.length() + 20));
  }

  private String metrics() throws IOException {
    try (var in =
        URI.create(cluster.world().operator().managementUrl() + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String objects(String version, String kind) {
    StringBuilder all = new StringBuilder();
    for (GenericKubernetesResource object :
        cluster
            .client()
            .genericKubernetesResources(version, kind)
            .inAnyNamespace()
            .list()
            .getItems()) {
      // Both: one escapes what the other leaves.
      all.append(Serialization.asJson(object)).append('\n').append(plain(object)).append('\n');
    }
    return all.toString();
  }

  private static String plain(GenericKubernetesResource object) {
    return String.valueOf(object.getAdditionalProperties());
  }

  /** How a value, or a line of it, may be written. */
  static Set<String> forms(byte[] value) {
    Set<String> forms = new LinkedHashSet<>();
    String text = new String(value, StandardCharsets.UTF_8);
    List<String> parts = new ArrayList<>(List.of(text.stripTrailing()));
    parts.addAll(List.of(text.split("[\\p{Cntrl}]+", -1)));
    // "Bearer abc" is also known as "abc".
    int space = text.indexOf(' ');
    if (space > 0) {
      parts.add(text.substring(space + 1).stripTrailing());
    }
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      forms.add(part);
      forms.add(new String(bytes, StandardCharsets.ISO_8859_1));
      String percent = URLEncoder.encode(part, StandardCharsets.UTF_8);
      forms.add(percent);
      forms.add(percent.replace("+", "%20"));
      forms.add(percent.toLowerCase(java.util.Locale.ROOT));
      forms.add(escaped(part, false));
      forms.add(escaped(part, true));
      for (Base64.Encoder encoder :
          List.of(Base64.getEncoder(), Base64.getUrlEncoder(), Base64.getMimeEncoder())) {
        for (int shift = 0; shift < 3; shift++) {
          forms.add(shifted(encoder, bytes, shift));
        }
      }
    }
    forms.removeIf(form -> form.length() < SHORTEST);
    return forms;
  }

  /** The part of its Base64 that stands there whatever comes before and after it. */
  private static String shifted(Base64.Encoder encoder, byte[] bytes, int shift) {
    byte[] moved = new byte[shift + bytes.length];
    System.arraycopy(bytes, 0, moved, shift, bytes.length);
    String encoded = encoder.withoutPadding().encodeToString(moved);
    int first = shift == 0 ? 0 : shift + 1;
    int last = encoded.length() - (moved.length % 3 == 0 ? 0 : 1);
    return first < last ? encoded.substring(first, last) : "";
  }

  private static String escaped(String text, boolean ascii) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> escaped.append("\\\"");
        case '\\' -> escaped.append("\\\\");
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) {
            escaped.append("\\u%04x".formatted((int) c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }
}
