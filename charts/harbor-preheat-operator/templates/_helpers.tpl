{{- define "preheat.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "preheat.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "preheat.labels" -}}
{{ include "preheat.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "preheat.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "preheat.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- /* Not "default": every pod of the namespace would get the operator's permissions. */ -}}
{{- required "serviceAccount.name must be set when serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
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
