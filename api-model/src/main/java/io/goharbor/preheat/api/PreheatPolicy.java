package io.goharbor.preheat.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What to preheat, when, and where to. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@io.fabric8.kubernetes.model.annotation.Kind("PreheatPolicy")
@Singular("preheatpolicy")
@Plural("preheatpolicies")
@ShortNames("php")
@AdditionalPrinterColumn(
    name = "READY",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
    name = "SUSPENDED",
    jsonPath = ".spec.suspend",
    type = AdditionalPrinterColumn.Type.BOOLEAN)
@AdditionalPrinterColumn(name = "LAST", jsonPath = ".status.lastExecution")
@AdditionalPrinterColumn(
    name = "PREHEATED",
    jsonPath = ".status.preheatedArtifacts",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "NEXT", jsonPath = ".status.nextScheduleTime", priority = 1)
@AdditionalPrinterColumn(
    name = "REASON",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    priority = 1)
@AdditionalPrinterColumn(
    name = "MESSAGE",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    priority = 1)
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public class PreheatPolicy extends CustomResource<PreheatPolicySpec, PreheatPolicyStatus>
    implements Namespaced {}
