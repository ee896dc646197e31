package io.goharbor.preheat.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** One run: its artifacts, what became of each, and the result. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@io.fabric8.kubernetes.model.annotation.Kind("PreheatExecution")
@Singular("preheatexecution")
@Plural("preheatexecutions")
@ShortNames("phx")
@AdditionalPrinterColumn(name = "POLICY", jsonPath = ".spec.policyRef.name")
@AdditionalPrinterColumn(name = "PHASE", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "PROGRESS", jsonPath = ".status.progress")
@AdditionalPrinterColumn(name = "WARM", jsonPath = ".status.warm")
@AdditionalPrinterColumn(name = "REMAINING", jsonPath = ".status.remaining")
@AdditionalPrinterColumn(name = "TRIGGER", jsonPath = ".spec.trigger", priority = 1)
@AdditionalPrinterColumn(
    name = "REASON",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    priority = 1)
@AdditionalPrinterColumn(name = "MESSAGE", jsonPath = ".status.message", priority = 1)
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalSelectableField(jsonPath = ".spec.policyRef.name")
@AdditionalSelectableField(jsonPath = ".spec.trigger")
@AdditionalSelectableField(jsonPath = ".status.phase")
public class PreheatExecution extends CustomResource<PreheatExecutionSpec, PreheatExecutionStatus>
    implements Namespaced {}
