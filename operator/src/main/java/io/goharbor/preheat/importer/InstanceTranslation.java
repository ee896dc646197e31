package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderSpec.Auth;
import io.goharbor.preheat.api.P2PProviderSpec.AuthType;
import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.Tls;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A preheat instance of Harbor as a P2PProvider. */
final class InstanceTranslation {
  private final ImportSetup setup;
  private final Instance instance;
  private final String name;
  private final List<Note> notes = new ArrayList<>();

  private InstanceTranslation(ImportSetup setup, Instance instance, String name) {
    this.setup = setup;
    this.instance = instance;
    this.name = name;
  }

  static Imported of(ImportSetup setup, Instance instance, String name) {
    return new InstanceTranslation(setup, instance, name).translate();
  }

  /** The system that an instance is; null for a vendor that Harbor does not have. */
  static P2PProviderSpec.@Nullable Type type(Instance instance) {
    return switch (instance.vendor()) {
      case "dragonfly" -> P2PProviderSpec.Type.DRAGONFLY;
      case "kraken" -> P2PProviderSpec.Type.KRAKEN;
      default -> null;
    };
  }

  private Imported translate() {
    P2PProviderSpec.Type type = type(instance);
    if (type == null) {
      return leftOut(
          "its vendor is '" + instance.vendor() + "', and only dragonfly and kraken are known");
    }
    String field =
        type == P2PProviderSpec.Type.DRAGONFLY ? "spec.dragonfly.url" : "spec.kraken.proxyURL";
    String url = instance.endpoint().replaceAll("/+$", "");
    if (!url.isEmpty() && !url.contains("://")) {
      url = "http://" + url;
      notes.add(
          new Note(field, "Harbor has it without http://, and reaches it so for health only."));
    }
    if (!url.matches(Patterns.URL) || url.length() > 512) {
      return leftOut("its endpoint '" + instance.endpoint() + "' is not an http or https URL");
    }
    notes.add(new Note("", "Harbor: instance " + instance.name() + "."));
    if (type == P2PProviderSpec.Type.KRAKEN) {
      notes.add(
          new Note(
              field,
              "Harbor calls a preheat done once Kraken's proxy took the notice. Here its tasks end"
                  + " Unverified, until originURL is set too and the origins can be asked."));
    }
    if (!instance.enabled()) {
      notes.add(
          new Note(
              "spec.suspend",
              "Disabled in Harbor, which runs policies on it nevertheless. Here new work waits."));
    }
    return new Imported.Translated(
        "P2PProvider",
        name,
        P2PProviderSpecBuilder.builder()
            .type(type)
            .dragonfly(
                type == P2PProviderSpec.Type.DRAGONFLY
                    ? new P2PProviderSpec.Dragonfly(url, null)
                    : null)
            .kraken(
                type == P2PProviderSpec.Type.KRAKEN
                    ? new P2PProviderSpec.Kraken(url, null, null)
                    : null)
            .auth(auth(type))
            .tls(tls(url))
            .suspend(instance.enabled() ? null : true)
            .build(),
        notes);
  }

  private Imported leftOut(String why) {
    return new Imported.LeftOut("instance " + instance.name(), why);
  }

  private @Nullable Auth auth(P2PProviderSpec.Type type) {
    String mode = instance.authMode();
    if (mode == null) {
      notes.add(
          new Note(
              "spec.auth",
              "Harbor does not show this account how it signs in (that needs preheat-instance:list of"
                  + " the system); set auth if the provider wants it."));
      return null;
    }
    return switch (mode) {
      case "NONE" -> {
        if (type == P2PProviderSpec.Type.DRAGONFLY) {
          notes.add(
              new Note(
                  "spec.auth",
                  "Harbor does not sign in. A Manager's Open API wants a personal access token: if"
                      + " the status says Unauthorized, set auth with type Bearer."));
        }
        yield null;
      }
      case "BASIC" ->
          secret(
              AuthType.BASIC,
              "credentials",
              null,
              "Harbor never returns the password. Create the Secret from a file with user:password");
      case "OAUTH" ->
          secret(
              AuthType.BEARER,
              "token",
              null,
              "Harbor never returns the token. Create the Secret from a file with it");
      case "CUSTOM" -> {
        notes.add(
            new Note(
                "spec.auth.headerName",
                "Harbor never returns the header's name either; write the one that the provider"
                    + " wants."));
        yield secret(
            AuthType.HEADER,
            "value",
            "Authorization",
            "Harbor never returns the header. Create the Secret from a file with its value");
      }
      default -> {
        notes.add(
            new Note(
                "spec.auth", "Harbor's auth_mode '" + mode + "' is not known; not signed in."));
        yield null;
      }
    };
  }

  private Auth secret(AuthType type, String key, @Nullable String header, String how) {
    String secret = name + "-auth";
    notes.add(
        new Note(
            "spec.auth.secretRef",
            how
                + ":\n"
                + setup.creating("secret generic " + secret + " --from-file=" + key + "=FILE")));
    return new Auth(type, new SecretKeyRef(secret, key), header);
  }

  private @Nullable Tls tls(String url) {
    if (!url.startsWith("https://")) {
      return null;
    }
    if (instance.insecure() == null) {
      notes.add(
          new Note(
              "spec.tls",
              "Harbor does not show this account whether it checks the certificate; here it is"
                  + " checked."));
      return null;
    }
    if (!instance.insecure()) {
      return null;
    }
    notes.add(
        new Note(
            "spec.tls.insecureSkipVerify",
            "As in Harbor: the credential goes to whoever answers. caBundleRef is safer."));
    return new Tls(null, null, true);
  }
}
