/**
 * The custom resources of group {@code preheat.goharbor.io}: the source of truth for the CRDs and
 * for the reference pages. Descriptions here are what {@code kubectl explain} prints.
 */
@NullMarked
// Not null-marked, as the generator drops what can be null: so builders take null for all.
@RecordBuilder.Include(
    value = {
      ArtifactSelector.class,
      P2PProviderSpec.class,
      PreheatExecutionStatus.class,
      PreheatPolicySpec.class,
      PreheatPolicyStatus.class,
      RunSettings.class,
      TaskStatus.class
    },
    packagePattern = "*.builder")
package io.goharbor.preheat.api;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.NullMarked;
