package io.goharbor.preheat.execution;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.goharbor.preheat.api.ApiGroup;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A finished execution as compressed text, a tenth of what it takes as objects. It unpacks itself
 * when it is asked for anything and forgets that again when memory is collected. Not to be changed:
 * a change would be forgotten too.
 */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("PreheatExecution")
@Singular("preheatexecution")
@Plural("preheatexecutions")
public final class PackedExecution extends PreheatExecution {
  private static final long serialVersionUID = 1L;

  private static final KubernetesSerialization JSON =
      new KubernetesSerialization(new ObjectMapper(), false);

  /** What nearly every execution contains, so that it need not be stored with each. */
  private static final byte[] COMMON = common();

  private final transient @Nullable String version;
  private final transient byte[] packed;
  private final transient int length;
  private final transient @Nullable Instant expires;
  private final transient ExecutionSummary summary;
  private transient @Nullable WeakReference<PreheatExecution> unpacked;

  private PackedExecution(
      @Nullable String version,
      byte[] packed,
      int length,
      @Nullable Instant expires,
      ExecutionSummary summary) {
    this.version = version;
    this.packed = packed;
    this.length = length;
    this.expires = expires;
    this.summary = summary;
    // What the superclass made is never shown.
    super.setMetadata(null);
  }

  /** Packs an execution. */
  static PackedExecution of(PreheatExecution execution) {
    byte[] text = JSON.asJson(execution).getBytes(StandardCharsets.UTF_8);
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setDictionary(COMMON);
      deflater.setInput(text);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(text.length / 4);
      byte[] buffer = new byte[4096];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return new PackedExecution(
          execution.getMetadata().getResourceVersion(),
          out.toByteArray(),
          text.length,
          ExpirySource.expires(execution),
          ExecutionSummary.read(execution));
    } finally {
      deflater.end();
    }
  }

  /** When it is to be deleted; null: never. */
  @Nullable Instant expires() {
    return expires;
  }

  /** What a policy wants to know of it. */
  ExecutionSummary summary() {
    return summary;
  }

  /** What it takes, apart from the object itself. */
  int bytes() {
    return packed.length;
  }

  /** A copy that may be changed. */
  public PreheatExecution unpack() {
    byte[] text = new byte[length];
    Inflater inflater = new Inflater(true);
    try {
      inflater.setDictionary(COMMON);
      inflater.setInput(packed);
      int read = 0;
      while (read < length) {
        int more = inflater.inflate(text, read, length - read);
        if (more == 0) {
          throw new IllegalStateException(
              "execution " + summary.key() + " was packed to less than it was");
        }
        read += more;
      }
    } catch (DataFormatException e) {
      throw new IllegalStateException("execution " + summary.key() + " cannot be unpacked", e);
    } finally {
      inflater.end();
    }
    return JSON.unmarshal(new String(text, StandardCharsets.UTF_8), PreheatExecution.class);
  }

  private PreheatExecution content() {
    WeakReference<PreheatExecution> known = unpacked;
    PreheatExecution content = known == null ? null : known.get();
    if (content == null) {
      content = unpack();
      unpacked = new WeakReference<>(content);
    }
    return content;
  }

  @Override
  public ObjectMeta getMetadata() {
    return new PackedMetadata(summary.key(), version, () -> content().getMetadata());
  }

  @Override
  public PreheatExecutionSpec getSpec() {
    return content().getSpec();
  }

  @Override
  public PreheatExecutionStatus getStatus() {
    return content().getStatus();
  }

  private static byte[] common() {
    try (InputStream in = PackedExecution.class.getResourceAsStream("packed-execution.json")) {
      return Objects.requireNonNull(in, "packed-execution.json").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
