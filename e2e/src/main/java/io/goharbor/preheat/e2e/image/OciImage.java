package io.goharbor.preheat.e2e.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The image as an OCI tarball, of a staged folder. The layers are in the order in which they
 * change: runtime, libraries, the operator, its AOT cache.
 *
 * @param base the image that holds the C library, such as {@code registry/name@sha256:...}; {@link
 *     #SCRATCH}: none, which has the same layers above it but cannot start by itself
 * @param name of the image, with its tag
 * @param architecture such as amd64
 */
public record OciImage(String base, String name, String version, String architecture) {
  /** No base image, for which no registry is asked. */
  public static final String SCRATCH = "scratch";

  /**
   * Writes the tarball.
   *
   * @return digest of the image's manifest
   * @throws IOException also when the base image cannot be had
   */
  public String write(Staging staging, Path tarball, Path layerCache)
      throws IOException, InterruptedException {
    try {
      JibContainerBuilder image = base.equals(SCRATCH) ? Jib.fromScratch() : Jib.from(base);
      image
          .setFormat(ImageFormat.OCI)
          .setPlatforms(Set.of(new Platform(architecture, "linux")))
          .setCreationTime(ImagePlan.TIME)
          .setUser(ImagePlan.USER)
          .setWorkingDirectory(AbsoluteUnixPath.get("/tmp"))
          .setEntrypoint(ImagePlan.ENTRYPOINT)
          .setEnvironment(ImagePlan.ENVIRONMENT)
          .setExposedPorts(ImagePlan.PORTS.stream().map(Port::tcp).collect(Collectors.toSet()))
          .setLabels(
              Map.of(
                  "org.opencontainers.image.title", "harbor-preheat-operator",
                  "org.opencontainers.image.description",
                      "Gets container images into P2P caches before anyone pulls them.",
                  "org.opencontainers.image.licenses", "Apache-2.0",
                  "org.opencontainers.image.version", version));
      Predicate<Path> own = file -> file.getFileName().toString().startsWith("api-model-");
      List<Path> libraries = staging.files(ImagePlan.APP + "/lib");
      add(image, staging, "runtime", staging.files(ImagePlan.RUNTIME));
      add(image, staging, "libraries", libraries.stream().filter(own.negate()).toList());
      add(
          image,
          staging,
          "operator",
          Stream.of(
                  libraries.stream().filter(own),
                  staging.files(ImagePlan.JAR).stream(),
                  staging.files(ImagePlan.BILL).stream())
              .flatMap(files -> files)
              .toList());
      add(image, staging, "cache", staging.files(ImagePlan.CACHE));
      Files.createDirectories(tarball.toAbsolutePath().getParent());
      return image
          .containerize(
              Containerizer.to(TarImage.at(tarball).named(name))
                  .setApplicationLayersCache(layerCache)
                  .setBaseImageLayersCache(layerCache)
                  .setToolName("harbor-preheat-operator"))
          .getDigest()
          .toString();
    } catch (InvalidImageReferenceException
        | CacheDirectoryCreationException
        | ExecutionException
        | RegistryException e) {
      throw new IOException("the image cannot be built: " + e.getMessage(), e);
    }
  }

  private static void add(JibContainerBuilder image, Staging staging, String name, List<Path> files)
      throws IOException {
    if (files.isEmpty()) {
      return;
    }
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    for (Path file : files) {
      layer.addEntry(
          file,
          AbsoluteUnixPath.get("/" + staging.folder().relativize(file)),
          FilePermissions.fromOctalString(Files.isExecutable(file) ? "755" : "644"),
          ImagePlan.TIME);
    }
    image.addFileEntriesLayer(layer.build());
  }
}
