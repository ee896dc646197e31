package io.goharbor.preheat.e2e.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/image}: builds the image as an OCI tarball. */
@Command(
    name = "image",
    mixinStandardHelpOptions = true,
    description = "Builds the operator's image as an OCI tarball, without a container engine.")
public final class BuildImage implements Callable<Integer> {
  @Option(
      names = "--base",
      description =
          "Image with the C library, best with its digest; scratch: none (default: ${DEFAULT-VALUE}).")
  private String base = ImagePlan.BASE;

  @Option(names = "--name", description = "Name and tag of the image (default: ${DEFAULT-VALUE}).")
  private String name = "harbor-preheat-operator:0.1.0";

  @Option(names = "--output", description = "The tarball (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("target/image/harbor-preheat-operator.tar");

  @Option(
      names = "--no-aot",
      description = "Without an AOT cache: starts slower, and is the same at each build.")
  private boolean plain;

  @Option(
      names = "--stage-only",
      description = "Only lays the files out as they are in the image; the Dockerfile takes them.")
  private boolean stageOnly;

  @Option(names = "--root", hidden = true, description = "The repository.")
  private Path root = Path.of("").toAbsolutePath();

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BuildImage()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      build();
      return 0;
    } catch (IOException e) {
      System.err.println("image: " + e.getMessage());
      return 1;
    }
  }

  private void build() throws IOException, InterruptedException {
    Path target = root.resolve("e2e/target/image");
    Staging staging =
        Staging.make(
            root,
            Path.of(System.getProperty("java.home")),
            target.resolve("root"),
            ImagePlan.jvmOptions(root));
    if (!plain) {
      System.out.println("Training the AOT cache");
      AotTraining training = new AotTraining(root, target.resolve("training"));
      training.train(staging, List.of(), staging.cache());
      staging.settle();
      training.prove(staging);
    }
    if (stageOnly) {
      System.out.println(staging.folder());
      return;
    }
    if (!base.contains("@sha256:") && !base.equals(OciImage.SCRATCH)) {
      System.out.println(
          base + " is not pinned by its digest: the image depends on when it is built");
    }
    String tag = name.contains(":") ? name.substring(name.lastIndexOf(':') + 1) : "latest";
    Path tarball = root.resolve(output);
    String digest =
        new OciImage(base, name, tag, architecture())
            .write(staging, tarball, target.resolve("layers"));
    System.out.println(digest + " " + tarball + " " + Files.size(tarball) + " bytes");
    Path bill = staging.folder().resolve(ImagePlan.BILL);
    if (Files.exists(bill)) {
      Files.copy(bill, tarball.resolveSibling("bom.json"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String architecture() {
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return machine.equals("aarch64") ? "arm64" : machine;
  }
}
