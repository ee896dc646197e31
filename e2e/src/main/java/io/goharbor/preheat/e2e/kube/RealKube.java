package io.goharbor.preheat.e2e.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A real kube-apiserver with its etcd, from the binaries in {@code KUBEBUILDER_ASSETS}; on the
 * loopback address only. Nothing collects owned objects.
 */
public final class RealKube implements Kube {
  private static final String TOKEN = "real-kube-admin";

  private final List<Process> processes = new ArrayList<>();
  private final int port = freePort();

  private RealKube(Path assets, Path directory) throws IOException, InterruptedException {
    try {
      start(assets, directory);
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The binaries, when the environment names them. */
  public static Optional<Path> assets() {
    return Optional.ofNullable(System.getenv("KUBEBUILDER_ASSETS"))
        .filter(path -> !path.isBlank())
        .map(Path::of)
        .filter(path -> Files.isExecutable(path.resolve("kube-apiserver")))
        .filter(path -> Files.isExecutable(path.resolve("etcd")));
  }

  /**
   * Starts one.
   *
   * @param directory where its data, keys and logs go
   */
  public static RealKube start(Path assets, Path directory, Duration limit)
      throws IOException, InterruptedException {
    RealKube kube = new RealKube(assets, directory);
    kube.awaitReady(limit);
    return kube;
  }

  private void start(Path assets, Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    int etcdPort = freePort();
    int peerPort = freePort();
    String etcd = "http://127.0.0.1:" + etcdPort;
    String peer = "http://127.0.0.1:" + peerPort;
    run(
        directory,
        "etcd",
        assets.resolve("etcd").toString(),
        "--data-dir=" + directory.resolve("etcd-data"),
        "--unsafe-no-fsync",
        "--listen-client-urls=" + etcd,
        "--advertise-client-urls=" + etcd,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=default=" + peer);
    Path key = directory.resolve("service-account.key");
    Path publicKey = directory.resolve("service-account.pub");
    writeKeys(key, publicKey);
    Path tokens =
        Files.writeString(directory.resolve("tokens.csv"), TOKEN + ",admin,admin,system:masters\n");
    run(
        directory,
        "kube-apiserver",
        assets.resolve("kube-apiserver").toString(),
        "--etcd-servers=" + etcd,
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--secure-port=" + port,
        "--cert-dir=" + directory.resolve("certificates"),
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + publicKey,
        "--service-account-signing-key-file=" + key,
        "--service-cluster-ip-range=10.96.0.0/16",
        "--authorization-mode=RBAC",
        "--token-auth-file=" + tokens,
        "--disable-admission-plugins=ServiceAccount");
  }

  /**
   * Starts the controller that empties namespaces which are being deleted; they stay without it.
   *
   * @param directory where its kubeconfig and log go
   * @return false when there is no kube-controller-manager beside the other binaries
   */
  public boolean startNamespaceController(Path directory) throws IOException {
    Path manager = assets().map(path -> path.resolve("kube-controller-manager")).orElse(null);
    if (manager == null || !Files.isExecutable(manager)) {
      return false;
    }
    Path kubeconfig = Files.writeString(directory.resolve("controller.kubeconfig"), kubeconfig());
    run(
        directory,
        "kube-controller-manager",
        manager.toString(),
        "--kubeconfig=" + kubeconfig,
        "--controllers=namespace-controller",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        "--secure-port=" + freePort());
    return true;
  }

  private void run(Path directory, String name, String... command) throws IOException {
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start());
  }

  private static void writeKeys(Path key, Path publicKey) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair pair = generator.generateKeyPair();
      Files.writeString(key, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
      Files.writeString(publicKey, pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
        + "\n-----END "
        + type
        + "-----\n";
  }

  private void awaitReady(Duration limit) throws InterruptedException {
    Instant until = Instant.now().plus(limit);
    try (KubernetesClient client = client()) {
      while (Instant.now().isBefore(until)) {
        try {
          // The namespace is made by the server itself, some moments after it answers.
          if (client.namespaces().withName("default").get() != null) {
            return;
          }
        } catch (KubernetesClientException e) {
          // Not yet.
        }
        Thread.sleep(200);
      }
    }
    close();
    throw new IllegalStateException("kube-apiserver was not ready in " + limit);
  }

  @Override
  public String describe() {
    return "kube-apiserver at https://127.0.0.1:" + port;
  }

  @Override
  public KubernetesClient client() {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("https://127.0.0.1:" + port)
            .withOauthToken(TOKEN)
            .withTrustCerts(true)
            .withDisableHostnameVerification(true)
            .withNamespace("default")
            .withRequestRetryBackoffLimit(0)
            .build();
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new OkHttpClientFactory())
        .build();
  }

  @Override
  public String kubeconfig() {
    return """
    apiVersion: v1
    kind: Config
    current-context: real
    clusters:
      - name: real
        cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}
    contexts:
      - name: real
        context: {cluster: real, user: admin, namespace: default}
    users:
      - name: admin
        user: {token: "%s"}
    """
        .formatted(port, TOKEN);
  }

  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).destroyForcibly();
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
