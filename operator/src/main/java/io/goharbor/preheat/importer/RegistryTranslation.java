package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.Tls;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The HarborRegistry of the Harbor that is imported from. */
final class RegistryTranslation {
  private RegistryTranslation() {}

  /**
   * Translates.
   *
   * @param externalUrl what Harbor gives to P2P providers, or null
   * @param projects those with imported policies; only they get the webhook
   */
  static Imported.Translated of(
      ImportSetup setup, @Nullable String externalUrl, List<String> projects) {
    String name = setup.registryName();
    List<Note> notes = new ArrayList<>();
    notes.add(
        new Note(
            "spec.credentialsSecretRef",
            "Create the Secret with a robot account that may do what docs/install.md lists:\n"
                + setup.creating(
                    "secret generic "
                        + name
                        + "-robot --type=kubernetes.io/basic-auth"
                        + " --from-literal=username='robot$NAME' --from-file=password=FILE")));
    String url = withoutSlash(setup.url());
    String pull = null;
    if (externalUrl != null
        && !withoutSlash(externalUrl).equals(url)
        && externalUrl.matches(Patterns.URL)) {
      pull = withoutSlash(externalUrl);
      notes.add(
          new Note(
              "spec.registryURL",
              "The external URL that Harbor gives to P2P providers; peers pull from there."));
    }
    return new Imported.Translated(
        "HarborRegistry",
        name,
        new HarborRegistrySpec(
            url,
            pull,
            new LocalRef(name + "-robot"),
            tls(setup, notes),
            null,
            webhook(setup, projects, notes),
            null),
        notes);
  }

  private static @Nullable Tls tls(ImportSetup setup, List<Note> notes) {
    if (setup.customCa()) {
      String map = setup.registryName() + "-ca";
      notes.add(
          new Note(
              "spec.tls.caBundleRef",
              "Create the ConfigMap with the authorities of --ca-file:\n"
                  + setup.creating("configmap " + map + " --from-file=ca.crt=FILE")));
      return new Tls(
          new Tls.CaBundleRef(Tls.CaBundleRef.Kind.CONFIG_MAP, map, "ca.crt"), null, null);
    }
    if (setup.skipVerify()) {
      notes.add(
          new Note(
              "spec.tls.insecureSkipVerify",
              "As the import did: the robot's password goes to whoever answers. Set caBundleRef"
                  + " instead."));
      return new Tls(null, null, true);
    }
    return null;
  }

  private static HarborRegistrySpec.@Nullable Webhook webhook(
      ImportSetup setup, List<String> projects, List<Note> notes) {
    if (setup.webhookAddress() == null) {
      notes.add(
          new Note(
              "spec.webhook",
              "No webhook: what is pushed is found by the sweep, within 10 minutes. For seconds, run"
                  + " the import with --webhook-address, the URL at which Harbor reaches the"
                  + " operator, or set spec.webhook."));
      return null;
    }
    String secret = setup.registryName() + "-webhook";
    notes.add(
        new Note(
            "spec.webhook.authorizationSecretRef",
            "Create the Secret with a long random value; Harbor is told it by the operator:\n"
                + setup.creating("secret generic " + secret + " --from-file=authorization=FILE")));
    // More patterns than the field takes: then all projects get the webhook, which is its default.
    boolean few = !projects.isEmpty() && projects.size() <= 64;
    return new HarborRegistrySpec.Webhook(
        new SecretKeyRef(secret, "authorization"),
        new HarborRegistrySpec.Registration(
            withoutSlash(setup.webhookAddress()), few ? projects : null, null));
  }

  private static String withoutSlash(String url) {
    return url.replaceAll("/+$", "");
  }
}
