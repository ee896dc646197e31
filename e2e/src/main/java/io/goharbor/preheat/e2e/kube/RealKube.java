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
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real kube-apiserver with its etcd, from the binaries in {@code KUBEBUILDER_ASSETS}; on the
 * loopback address only. Nothing collects owned objects.
 */
public final class RealKube implements Kube {
  private static final String TOKEN = "real-kube-admin";

  /** Starts a server. */
  private interface Start {
    Process run() throws IOException;
  }

  /** Users with all rights beside the one of {@link #client()}. */
  public static final List<String> USERS = List.of("replica-a", "replica-b");

  /** Writes, and of Leases what they were. */
  private static final String AUDIT_POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived]
      rules:
        - level: RequestResponse
          verbs: [create, update, patch, delete]
          resources: [{group: coordination.k8s.io, resources: [leases]}]
        - level: Metadata
          verbs: [create, update, patch, delete]
          resources: [{group: preheat.goharbor.io}, {group: "", resources: [events]}]
        - level: None
      """;

  private final List<Process> processes = new CopyOnWriteArrayList<>();
  private final int port = freePort();
  private final Start apiServer;
  private final Path auditLog;
  private volatile Process server;

  private RealKube(Path assets, Path directory) throws IOException {
    Files.createDirectories(directory);
    auditLog = directory.resolve("audit.log");
    try {
      String etcd = startStore(assets, directory);
      List<String> command = apiServer(assets, directory, etcd);
      apiServer = () -> run(directory, "kube-apiserver", command);
      server = apiServer.run();
    } catch (IOException | RuntimeException e) {
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

  private String startStore(Path assets, Path directory) throws IOException {
    int etcdPort = freePort();
    int peerPort = freePort();
    String etcd = "http://127.0.0.1:" + etcdPort;
    String peer = "http://127.0.0.1:" + peerPort;
    run(
        directory,
        "etcd",
        List.of(
            assets.resolve("etcd").toString(),
            "--data-dir=" + directory.resolve("etcd-data"),
            "--unsafe-no-fsync",
            "--listen-client-urls=" + etcd,
            "--advertise-client-urls=" + etcd,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=default=" + peer));
    return etcd;
  }

  private List<String> apiServer(Path assets, Path directory, String etcd) throws IOException {
    Path key = directory.resolve("service-account.key");
    Path publicKey = directory.resolve("service-account.pub");
    writeKeys(key, publicKey);
    Path tokens = Files.writeString(directory.resolve("tokens.csv"), tokens());
    Path policy = Files.writeString(directory.resolve("audit-policy.yaml"), AUDIT_POLICY);
    return List.of(
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
        "--audit-policy-file=" + policy,
        "--audit-log-path=" + auditLog,
        "--disable-admission-plugins=ServiceAccount");
  }

  private static String tokens() {
    return Stream.concat(Stream.of("admin"), USERS.stream())
        .map(user -> token(user) + "," + user + "," + user + ",system:masters\n")
        .collect(Collectors.joining());
  }

  private static String token(String user) {
    return user.equals("admin") ? TOKEN : TOKEN + "-" + user;
  }

  /** Where each write is, and what it was answered, as JSON by the line. */
  public Path auditLog() {
    return auditLog;
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Dies, with the data kept. */
  public void kill() throws InterruptedException {
    server.destroyForcibly().waitFor();
  }

  /** Starts again under the same address. */
  public void revive() throws IOException {
    server = apiServer.run();
  }

  /** Holds the server still, or lets it go on; connections stay. */
  public void freeze(boolean frozen) throws IOException, InterruptedException {
    signal(server, frozen);
  }

  /** Holds what it stores in still, or lets it go on. */
  public void freezeStore(boolean frozen) throws IOException, InterruptedException {
    signal(processes.getFirst(), frozen);
  }

  private static void signal(Process process, boolean stop)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", stop ? "-STOP" : "-CONT", Long.toString(process.pid()))
        .start()
        .waitFor();
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
        List.of(
            manager.toString(),
            "--kubeconfig=" + kubeconfig,
            "--controllers=namespace-controller",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            "--secure-port=" + freePort()));
    return true;
  }

  private Process run(Path directory, String name, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".log").toFile()))
            .start();
    processes.add(process);
    return process;
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
    return kubeconfig("admin", port);
  }

  /**
   * A kubeconfig for one of {@link #USERS}.
   *
   * @param at the port under which the server is reached
   */
  public String kubeconfig(String user, int at) {
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
        .formatted(at, token(user));
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
