package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a packed execution. Name and version, which an index asks of each object that it
 * finds, are at hand; for all else the execution is unpacked.
 */
final class PackedMetadata extends ObjectMeta {
  private static final long serialVersionUID = 1L;

  private final transient ObjectKey key;
  private final transient @Nullable String version;
  private final transient Supplier<ObjectMeta> rest;

  PackedMetadata(ObjectKey key, @Nullable String version, Supplier<ObjectMeta> rest) {
    this.key = key;
    this.version = version;
    this.rest = rest;
  }

  @Override
  public String getName() {
    return key.name();
  }

  @Override
  public String getNamespace() {
    return key.namespace();
  }

  @Override
  public @Nullable String getResourceVersion() {
    return version;
  }

  @Override
  public Map<String, String> getAnnotations() {
    return rest.get().getAnnotations();
  }

  @Override
  public @Nullable String getCreationTimestamp() {
    return rest.get().getCreationTimestamp();
  }

  @Override
  public @Nullable Long getDeletionGracePeriodSeconds() {
    return rest.get().getDeletionGracePeriodSeconds();
  }

  @Override
  public @Nullable String getDeletionTimestamp() {
    return rest.get().getDeletionTimestamp();
  }

  @Override
  public List<String> getFinalizers() {
    return rest.get().getFinalizers();
  }

  @Override
  public @Nullable String getGenerateName() {
    return rest.get().getGenerateName();
  }

  @Override
  public @Nullable Long getGeneration() {
    return rest.get().getGeneration();
  }

  @Override
  public Map<String, String> getLabels() {
    return rest.get().getLabels();
  }

  @Override
  public List<ManagedFieldsEntry> getManagedFields() {
    return rest.get().getManagedFields();
  }

  @Override
  public List<OwnerReference> getOwnerReferences() {
    return rest.get().getOwnerReferences();
  }

  @Override
  public @Nullable String getSelfLink() {
    return rest.get().getSelfLink();
  }

  @Override
  public @Nullable String getUid() {
    return rest.get().getUid();
  }

  @Override
  public Map<String, Object> getAdditionalProperties() {
    return rest.get().getAdditionalProperties();
  }
}
