package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every reason that a condition, a task, a skipped artifact, an Event or a metric can carry. The
 * documentation page of reasons is generated from this enum.
 */
public enum Reason {
  // Objects that others refer to.
  READY("Ready", "All is in order.", "Nothing."),
  INVALID_SPEC(
      "InvalidSpec",
      "A field of the spec cannot be used; the message names it.",
      "Correct the field that the message names."),
  SUSPENDED("Suspended", "spec.suspend is true.", "Set spec.suspend to false to go on."),
  REGISTRY_NOT_FOUND(
      "RegistryNotFound",
      "The HarborRegistry that the object names does not exist in its namespace.",
      "Create it, or correct harborRef."),
  REGISTRY_NOT_READY(
      "RegistryNotReady",
      "The HarborRegistry exists but cannot be used; its own Ready condition says why.",
      "Look at the HarborRegistry."),
  PROVIDER_NOT_FOUND(
      "ProviderNotFound",
      "A P2PProvider that the object names does not exist.",
      "Create it, or correct providerRefs."),
  PROVIDER_NOT_ALLOWED(
      "ProviderNotAllowed",
      "The P2PProvider does not permit this namespace.",
      "Extend the provider's spec.allowedNamespaces, or use another provider."),
  OPERATION_NOT_ALLOWED(
      "OperationNotAllowed",
      "The P2PProvider of another namespace permits this namespace, but not this operation.",
      "Have its owner name the operation in spec.allowedNamespaces, or do it in the provider's"
          + " namespace."),
  PROVIDER_SUSPENDED(
      "ProviderSuspended",
      "The P2PProvider is suspended; its tasks wait.",
      "Set the provider's spec.suspend to false."),
  POLICY_NOT_FOUND(
      "PolicyNotFound",
      "The PreheatPolicy that the execution names does not exist in its namespace.",
      "Create it, or create the execution again with another policyRef."),
  EXECUTION_NOT_FOUND(
      "ExecutionNotFound",
      "The PreheatExecution that the object names does not exist in its namespace.",
      "Create the execution again with another retryOf; delete a part whose whole is gone."),
  EXECUTION_NOT_ENDED(
      "ExecutionNotEnded",
      "The PreheatExecution that is to be retried has not ended yet.",
      "Nothing; the retry begins when it has."),
  SECRET_NOT_FOUND(
      "SecretNotFound",
      "A Secret, ConfigMap or key that the object names does not exist.",
      "Create the Secret with the key that the message names."),
  SECRET_FORBIDDEN(
      "SecretForbidden",
      "The operator's ServiceAccount may not read a Secret or ConfigMap that the object names.",
      "Add the object's namespace to rbac.secretNamespaces of the operator's chart, or move the"
          + " object to a namespace that is in it."),
  INSECURE_SKIP_VERIFY(
      "InsecureSkipVerify",
      "spec.tls.insecureSkipVerify is true: the server's certificate is not verified.",
      "Set tls.caBundleRef to the server's authority, and take insecureSkipVerify away."),
  SECRET_UNUSABLE(
      "SecretUnusable",
      "A value of a Secret cannot be sent: it holds a character that an HTTP header cannot carry, or"
          + " a user name with a colon. Nothing is sent.",
      "Correct the key that the message names, at the position that it names; often it is a line"
          + " break that a file brought along."),
  TASK_IDS_MATCH(
      "TaskIDsMatch", "A pull through a peer's proxy finds what a preheat left.", "Nothing."),
  TASK_IDS_DIFFER(
      "TaskIDsDiffer",
      "Dragonfly's peers keep what is preheated under other ids than pulls ask for, so that pulls"
          + " find none of it.",
      "Set client.config.proxy.registryMirror.enableTaskIDBasedBlobDigest and the same under"
          + " seedClient of Dragonfly's chart to what the message says, or upgrade the Manager."),
  TASK_IDS_UNKNOWN(
      "TaskIDsUnknown",
      "Nothing is known yet about what Dragonfly's proxies make of a pull.",
      "Set dragonfly.proxyURL, so that the next preheat can be tried out."),
  NOT_SUPPORTED(
      "NotSupported",
      "The provider cannot do what the policy asks.",
      "Change the target, or use another provider."),

  NAMESPACE_LIMIT(
      "NamespaceLimit",
      "The namespace has more registries, or unfinished executions, than the operator works on at"
          + " the same time for one namespace; the oldest go first.",
      "Delete or finish older ones, or raise limits.registriesPerNamespace or"
          + " limits.executionsPerNamespace of the operator's configuration."),
  WAITING_FOR_NAMESPACE(
      "WaitingForNamespace",
      "Other objects of the namespace keep the operator waiting for their Harbor or provider; this"
          + " one has its turn when one of them was answered.",
      "Nothing, or look for systems that answer slowly; limits.remotePerNamespace of the operator's"
          + " configuration is how many are asked at the same time."),

  EXECUTION_DENIED(
      "ExecutionDenied",
      "The cluster does not take an execution that the operator was to create for the policy: a"
          + " quota, an admission rule or a missing right. Nothing is preheated for it until it does.",
      "Read the message; it has the API server's words. Raise the quota, change the rule, or correct"
          + " the policy."),

  // Outside systems.
  UNREACHABLE(
      "Unreachable",
      "No usable answer: refused, timed out, a broken connection or an error of the server's side.",
      "Check the URL, DNS, network policies and that the system runs. The operator tries again."),
  TLS_FAILED(
      "TLSFailed",
      "The server's certificate is not trusted, or it wants a client certificate.",
      "Set tls.caBundleRef, or tls.clientCertificateSecretRef."),
  UNAUTHORIZED(
      "Unauthorized",
      "The credentials are missing, wrong or expired.",
      "Renew the Secret that the object names. The operator notices by itself."),
  FORBIDDEN(
      "Forbidden",
      "The account may not do this; the message names the permission.",
      "Give the robot account or token the permission that the message names."),
  RATE_LIMITED(
      "RateLimited",
      "The system asks for fewer requests; tasks wait and go on by themselves.",
      "Nothing, or lower limits.requestsPerSecond."),
  LIMIT_REACHED(
      "LimitReached",
      "A limit of the operator holds the call up, so that no namespace or host takes all of them;"
          + " the message names the limit and its setting.",
      "Nothing: it goes on by itself. If it stays, ask who runs the operator to raise the setting."),
  UNEXPECTED_ANSWER(
      "UnexpectedAnswer",
      "The answer is not one that this system should give.",
      "Check that the URL is that of the right system; the message has its first words, if they are"
          + " those of an error."),
  WEBHOOKS_REGISTERED("WebhooksRegistered", "Every matching project has the webhook.", "Nothing."),
  WEBHOOK_REPAIRED(
      "WebhookRepaired",
      "Somebody had changed, disabled or removed the operator's webhook in Harbor; it was repaired.",
      "Find out who did; to be rid of the webhook, change webhook.registration."),
  REGISTRATION_OFF(
      "RegistrationOff",
      "webhook.registration is not set: an administrator registers the webhook by hand.",
      "Nothing, if the webhook is in Harbor."),
  REGISTRATION_INCOMPLETE(
      "RegistrationIncomplete",
      "The webhook could not be registered in some projects; the message names them.",
      "Read the message; mostly the robot account lacks notification-policy permissions."),

  CATCH_UP_COMPLETE("CatchUpComplete", "The catch-up sweep left nothing out.", "Nothing."),
  CATCH_UP_INCOMPLETE(
      "CatchUpIncomplete",
      "The catch-up sweep had to leave something out: a project that Harbor does not show, or a"
          + " policy of which the cluster does not take an execution. It looks at all others, and goes"
          + " back for what it left out.",
      "Read the message; it names the projects and policies, and the missing permission."),

  // Why an artifact is not selected.
  PROJECT_NOT_SELECTED(
      "ProjectNotSelected", "selector.projects does not match.", "Extend selector.projects."),
  REPOSITORY_NOT_SELECTED(
      "RepositoryNotSelected",
      "selector.repositories does not match.",
      "Extend selector.repositories; remember that * does not cross a slash."),
  TAG_NOT_SELECTED("TagNotSelected", "selector.tags does not match.", "Extend selector.tags."),
  UNTAGGED(
      "Untagged",
      "The artifact has no tag; only tagged artifacts are selected.",
      "Tag it, or name it by digest in an execution."),
  TYPE_NOT_SELECTED(
      "TypeNotSelected",
      "selector.artifactTypes does not hold the artifact's type.",
      "Extend selector.artifactTypes."),
  LABEL_MISSING(
      "LabelMissing", "A label of selector.labels.all or .any is missing.", "Label the artifact."),
  LABEL_EXCLUDED(
      "LabelExcluded",
      "The artifact carries a label of selector.labels.none.",
      "Remove the label, or the rule."),
  NOT_SIGNED(
      "NotSigned",
      "None of the signatures of selector.signature is attached.",
      "Sign the artifact."),
  NOT_SCANNED(
      "NotScanned",
      "selector.vulnerability is set and there is no finished report.",
      "Scan the artifact, or switch on scan on push."),
  TOO_VULNERABLE(
      "TooVulnerable",
      "The report's worst severity is above selector.vulnerability.maxSeverity.",
      "Fix the image, or raise the ceiling."),
  PUSHED_TOO_LONG_AGO(
      "PushedTooLongAgo",
      "The artifact was pushed earlier than selector.pushedWithin.",
      "Extend pushedWithin."),
  NOT_AMONG_LATEST(
      "NotAmongLatest",
      "The repository holds enough newer artifacts.",
      "Raise selector.latestPushed."),
  EVENT_NOT_SELECTED(
      "EventNotSelected",
      "triggers.events does not hold this kind of event.",
      "Extend triggers.events."),
  UNKNOWN_EVENT(
      "UnknownEvent",
      "Harbor sent an event of a type that the operator does not know.",
      "Nothing; a newer operator may know it."),
  EVENT_STARTS_NOTHING(
      "EventStartsNothing",
      "Harbor sent an event that no policy can ask for, such as a pull or a finished SBOM.",
      "Nothing; take the type out of the webhook in Harbor to have fewer of them."),
  NO_POLICY_SELECTS(
      "NoPolicySelects",
      "No active policy of the registry selects the project, repository and tag of an event.",
      "Nothing, or extend the selector of a policy."),
  PLATFORM_NOT_FOUND(
      "PlatformNotFound",
      "The index has none of the wanted platforms.",
      "Correct platforms, or push the platform."),
  ARTIFACT_NOT_FOUND(
      "ArtifactNotFound",
      "Harbor does not have the artifact, or the account may not see it.",
      "Correct the reference, or give the robot account access to the project."),
  FOREIGN_REGISTRY(
      "ForeignRegistry",
      "The image reference names another host than the HarborRegistry.",
      "Correct the reference, or set harborRef to the registry it belongs to."),
  NOT_PREHEATABLE(
      "NotPreheatable",
      "The manifest is of a kind that names no blobs, or that the provider cannot fetch.",
      "Nothing; the artifact cannot be preheated there."),
  PLATFORM_NOT_SELECTED(
      "PlatformNotSelected",
      "An entry of an index is for a platform that platforms does not hold.",
      "Nothing, or extend platforms."),
  ACCESSORY_NOT_SELECTED(
      "AccessoryNotSelected",
      "A manifest belongs to another, as a Nydus copy does, and accessories does not hold its kind.",
      "Nothing, or set accessories."),
  NOT_RUNNABLE(
      "NotRunnable",
      "An entry of an index is nothing that a node pulls, such as a build attestation.",
      "Nothing."),
  NOTHING_SELECTED(
      "NothingSelected", "No artifact was selected.", "Look at status.skipped for the reasons."),

  // How a run or task stands.
  PLANNING("Planning", "Harbor is asked what there is to do.", "Nothing."),
  PROGRESSING("Progressing", "Tasks wait or run.", "Nothing."),
  WAITING_FOR_SLOT(
      "WaitingForSlot",
      "All slots that limits.maxConcurrentTasks allows are in use, or go to others first.",
      "Nothing, or raise the limit."),
  WAITING_FOR_WINDOW(
      "WaitingForWindow", "The policy's window is closed.", "Nothing, or change the window."),
  WAITING_FOR_PROVIDER(
      "WaitingForProvider",
      "The provider cannot be used at present; the task is sent when it can.",
      "Look at the P2PProvider."),
  WAITING_FOR_RETRY(
      "WaitingForRetry", "The task failed and is sent again after a pause.", "Nothing."),
  WAITING_FOR_TURN(
      "WaitingForTurn",
      "The execution is part of a large run, and earlier parts of it are under way.",
      "Nothing."),
  ALREADY_RUNNING(
      "AlreadyRunning",
      "The same artifact of the same registry is on its way to the same peers; this task takes its"
          + " result.",
      "Nothing."),
  ADOPTING(
      "Adopting",
      "The operator was stopped while the task was being sent, and looks for its job.",
      "Nothing."),
  SUBMITTED("Submitted", "The provider took the job.", "Nothing."),
  WARM("Warm", "The peers hold it.", "Nothing."),
  UNVERIFIED(
      "Unverified",
      "The provider took the job and cannot be asked whether the peers hold it.",
      "For Kraken set kraken.originURL; for Dragonfly use a Manager with the Open API."),
  NOT_WARM(
      "NotWarm",
      "The provider ended the job, and the peers hold less than"
          + " verification.minimumWarmPercent.",
      "Read the message; it names the peers and their errors."),
  EVICTED("Evicted", "The peers no longer hold it.", "Nothing."),
  PULL_TOKEN_EXPIRED(
      "PullTokenExpired",
      "The job outlived its pull token; what is missing is sent again with a new one.",
      "Nothing, or raise Harbor's token expiration for very large artifacts."),
  REJECTED(
      "Rejected",
      "The provider refused the job for good; the message quotes it.",
      "Read the message."),
  PULL_DENIED(
      "PullDenied",
      "Harbor does not let the artifact be pulled; the message quotes it.",
      "Read the message: the project's own rules, or the robot account's permissions."),
  JOB_FAILED("JobFailed", "The provider reports that the job failed.", "Read the message."),
  JOB_LOST(
      "JobLost",
      "The provider no longer knows the job, and its outcome is unknown.",
      "Nothing; the task is sent again."),
  DEADLINE_EXCEEDED(
      "DeadlineExceeded",
      "The run took longer than activeDeadline.",
      "Raise activeDeadline, or look at what the tasks waited for."),
  CANCELLED("Cancelled", "spec.cancel was set.", "Nothing."),
  SUCCEEDED("Succeeded", "Every task ended well.", "Nothing."),
  PARTIALLY_FAILED(
      "PartiallyFailed", "Some tasks failed.", "Look at status.tasks for the reasons."),
  FAILED("Failed", "No task ended well.", "Look at status.tasks for the reasons."),
  DRY_RUN("DryRun", "spec.dryRun is true: nothing was sent.", "Nothing."),
  INTERNAL_ERROR(
      "InternalError",
      "The operator met an error of its own.",
      "Look at the operator's log, and report it."),
  STATUS_REFUSED(
      "StatusRefused",
      "The API server refused the status that the operator meant to write; this one is in its"
          + " place. An execution ends with it.",
      "Read the message, which has the API server's words; mostly the CRDs are of another version"
          + " than the operator. Report it if they are not."),

  // Schedules.
  SCHEDULE_MISSED(
      "ScheduleMissed",
      "A scheduled time passed by more than startingDeadline.",
      "Nothing, or raise startingDeadline."),
  SCHEDULE_FORBIDDEN(
      "ScheduleForbidden",
      "concurrencyPolicy is Forbid and an earlier execution still runs.",
      "Nothing, or change concurrencyPolicy."),
  SCHEDULED("Scheduled", "An execution was created for a scheduled time.", "Nothing."),
  RETRY_CREATED(
      "RetryCreated", "An execution was created that sends again what failed.", "Nothing."),
  NOTHING_TO_RETRY(
      "NothingToRetry", "No task of the execution failed or was cancelled.", "Nothing."),
  REPLACED(
      "Replaced", "concurrencyPolicy is Replace and a newer execution took the place.", "Nothing.");

  private static final Map<String, Reason> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toMap(Reason::toString, Function.identity()));

  private final String text;
  private final String meaning;
  private final String remedy;

  Reason(String text, String meaning, String remedy) {
    this.text = text;
    this.meaning = meaning;
    this.remedy = remedy;
  }

  /** What it means, in a sentence. */
  public String meaning() {
    return meaning;
  }

  /** What a person can do about it. */
  public String remedy() {
    return remedy;
  }

  /** The name as it is in resources, Events and metrics: CamelCase. */
  @Override
  @JsonValue
  public String toString() {
    return text;
  }

  /** Reads a name; one that a newer version wrote is taken as {@link #INTERNAL_ERROR}. */
  @JsonCreator
  public static Reason of(String text) {
    return BY_TEXT.getOrDefault(text, INTERNAL_ERROR);
  }
}
