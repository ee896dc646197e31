package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.harbor.HarborPreheat;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.HttpClients.TlsSettingsException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code import-harbor}: reads a Harbor's own preheating and prints it as our kinds. */
@Command(
    name = "import-harbor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reads the P2P preheat instances and policies of a Harbor and prints them as HarborRegistry,"
          + " P2PProvider and PreheatPolicy, with comments where the meaning differs. Changes"
          + " nothing in Harbor. No secret is read or printed."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the YAML is printed",
      "1:Harbor cannot be reached or answers what it should not",
      "2:an option or a file is wrong",
      "3:Harbor does not take the user name and password",
      "4:a permission is missing; the message names it",
      "5:there is no preheat policy"
    })
public final class ImportHarbor implements Callable<Integer> {
  private static final String PASSWORD_VARIABLE = "HARBOR_PASSWORD";
  private static final int REQUESTS_PER_SECOND = 20;

  @Option(
      names = "--url",
      required = true,
      paramLabel = "URL",
      description = "Base URL of Harbor, such as https://harbor.example.com.")
  private String url = "";

  @Option(
      names = "--username",
      required = true,
      paramLabel = "NAME",
      description =
          "An account that may list preheat policies and instances, such as 'robot$import'.")
  private String username = "";

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "File with the password; - reads it from standard input. Absent: the environment variable "
              + PASSWORD_VARIABLE
              + ".")
  private @Nullable String passwordFile;

  @Option(
      names = "--project",
      paramLabel = "NAME",
      arity = "1..*",
      description = "Only these projects, and the instances that they use. Absent: all.")
  private List<String> projects = List.of();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Namespace to write into the objects. Absent: none is written.")
  private @Nullable String namespace;

  @Option(
      names = "--registry-name",
      paramLabel = "NAME",
      description = "Name of the HarborRegistry. Default: harbor.")
  private String registryName = "harbor";

  @Option(
      names = "--webhook-address",
      paramLabel = "URL",
      description =
          "URL at which Harbor reaches the operator. Absent: the registry is written without a"
              + " webhook.")
  private @Nullable String webhookAddress;

  @Option(
      names = "--suspend",
      description =
          "Write suspend: true into all policies, so that nothing starts before they are compared"
              + " with dry runs.")
  private boolean suspend;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "PEM bundle of the authorities to trust. Absent: those of the system.")
  private @Nullable Path caFile;

  @Option(
      names = "--insecure-skip-tls-verify",
      description = "Accept any certificate. Only for tests: whoever answers gets the password.")
  private boolean skipVerify;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "File to write, replaced if there is one. Absent: standard output.")
  private @Nullable Path output;

  @Spec private @Nullable CommandSpec command;

  private final Map<String, String> environment;
  private final InputStream input;
  private final String speaker;

  /**
   * The command.
   *
   * @param input where the password comes from with {@code --password-file -}
   */
  public ImportHarbor(Map<String, String> environment, InputStream input) {
    this(environment, input, "import-harbor");
  }

  /**
   * The command as a part of another program.
   *
   * @param speaker what messages begin with
   */
  public ImportHarbor(Map<String, String> environment, InputStream input, String speaker) {
    this.environment = environment;
    this.input = input;
    this.speaker = speaker;
  }

  @Override
  public Integer call() {
    try {
      run();
      return 0;
    } catch (ImportFailure e) {
      say(e.describe());
      return e.exitCode();
    }
  }

  private void run() throws ImportFailure {
    check("--url", url);
    if (webhookAddress != null) {
      check("--webhook-address", webhookAddress);
    }
    checkName("--registry-name", registryName);
    if (namespace != null) {
      checkName("--namespace", namespace);
    }
    if (username.isBlank()) {
      throw usage("--username is empty");
    }
    HarborContent content =
        new HarborReading(new HarborPreheat(connect()), url, username).read(projects);
    ImportSetup setup =
        new ImportSetup(
            url, namespace, registryName, caFile != null, skipVerify, webhookAddress, suspend);
    Translation translation = Translation.of(setup, content, projects.isEmpty());
    print(YamlText.of(translation, namespace));
    for (Imported.LeftOut left : translation.leftOut()) {
      say(left.what() + " is not imported: " + left.why());
    }
    if (!content.refusedProjects().isEmpty()) {
      say(
          "not looked at, for want of the permission preheat-policy:list: "
              + String.join(", ", content.refusedProjects()));
    }
    say(
        translation.count("P2PProvider")
            + " providers and "
            + translation.count("PreheatPolicy")
            + " policies"
            + (output == null ? "" : " are in " + output)
            + "; read the comments before you apply them");
  }

  private RemoteSystem connect() throws ImportFailure {
    TlsSettings tls = new TlsSettings(caFile == null ? null : text(caFile), null, null, skipVerify);
    try {
      return new HttpClients()
          .open(
              "Harbor",
              ConnectionSettings.of(
                  url, new Credential.Basic(username, password()), tls, REQUESTS_PER_SECOND));
    } catch (TlsSettingsException e) {
      throw usage("--ca-file: " + e.getMessage());
    }
  }

  /** The first line of it: editors and echo end a file with a line break. */
  private String password() throws ImportFailure {
    String text;
    if (passwordFile == null) {
      text = environment.getOrDefault(PASSWORD_VARIABLE, "");
      if (text.isEmpty()) {
        throw usage("no password: use --password-file, or set " + PASSWORD_VARIABLE);
      }
    } else if (passwordFile.equals("-")) {
      try {
        text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw usage("the password cannot be read from standard input");
      }
    } else {
      text = text(Path.of(passwordFile));
    }
    String password = text.lines().findFirst().orElse("");
    if (password.isEmpty()) {
      throw usage("the password is empty");
    }
    return password;
  }

  private static String text(Path file) throws ImportFailure {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw usage("the file " + file + " cannot be read");
    }
  }

  private void print(String yaml) throws ImportFailure {
    if (output == null) {
      writer(true).print(yaml);
      writer(true).flush();
      return;
    }
    try {
      Files.writeString(output, yaml);
    } catch (IOException e) {
      throw usage("the file " + output + " cannot be written");
    }
  }

  private void say(String text) {
    writer(false).println(speaker + ": " + text);
    writer(false).flush();
  }

  private PrintWriter writer(boolean out) {
    if (command == null) {
      throw new IllegalStateException("not run by a command line");
    }
    return out ? command.commandLine().getOut() : command.commandLine().getErr();
  }

  private static void check(String option, String value) throws ImportFailure {
    if (!value.matches(Patterns.URL)) {
      throw usage(option + " must be an http or https URL without user, query or fragment");
    }
  }

  private static void checkName(String option, String value) throws ImportFailure {
    if (!value.matches("^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$")) {
      throw usage(
          option + " must be lower-case letters, digits and dashes, and at most 52 characters");
    }
  }

  private static ImportFailure usage(String message) {
    return new ImportFailure(ImportFailure.USAGE, message);
  }
}
