{{- define "preheat.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "preheat.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "preheat.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "preheat.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "preheat.selector" -}}
app.kubernetes.io/name: {{ include "preheat.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "preheat.labels" -}}
{{ include "preheat.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: harbor-preheat
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "preheat.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "preheat.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- /* Not "default": every pod of the namespace would get the operator's permissions. */ -}}
{{- required "serviceAccount.name must be set when serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* The Secret with which the operator itself serves HTTPS; empty: it serves HTTP. */ -}}
{{- define "preheat.tlsSecret" -}}
{{- if .Values.webhook.tls.secretName -}}
{{- .Values.webhook.tls.secretName -}}
{{- else if .Values.webhook.tls.certificate.enabled -}}
{{- printf "%s-webhook-tls" (include "preheat.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- define "preheat.webhookScheme" -}}
{{- ternary "https" "http" (ne (include "preheat.tlsSecret" .) "") -}}
{{- end -}}

{{- define "preheat.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* A constraint that does not say which pods it counts means the operator's own. */ -}}
{{- define "preheat.topologySpreadConstraints" -}}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "preheat.selector" . | fromYaml)) -}}
{{- range .Values.topologySpreadConstraints }}
{{- if hasKey . "labelSelector" }}
{{ toYaml (list .) }}
{{- else }}
{{ toYaml (list (merge (dict) . $selector)) }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* What the operator does in each namespace that it watches; docs/install.md says why. */ -}}
{{- define "preheat.rules" -}}
- apiGroups: [preheat.goharbor.io]
  resources: [harborregistries, p2pproviders, preheatpolicies]
  verbs: [get, list, watch, patch, update]
- apiGroups: [preheat.goharbor.io]
  resources: [preheatexecutions]
  verbs: [get, list, watch, create, patch, update, delete]
- apiGroups: [preheat.goharbor.io]
  resources: [harborregistries/status, p2pproviders/status, preheatpolicies/status, preheatexecutions/status]
  verbs: [get, patch, update]
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get]
{{- /* A Role that allows this allows it for the Namespace that it is in, and no other. */}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
