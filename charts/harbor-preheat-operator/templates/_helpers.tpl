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
{{- if not .Values.rbac.secretNamespaces }}
{{ include "preheat.secretRules" . }}
{{- end }}
{{- /* A Role that allows this allows it for the Namespace that it is in, and no other. */}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [create, get, patch]
{{- end -}}

{{- /* What it reads by name: credentials and CA bundles. */ -}}
{{- define "preheat.secretRules" -}}
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get]
{{- end -}}

{{- /* What is checked: what somebody writes into a spec. Status, finalizers and deletions go through, also of what an earlier limit let in. */ -}}
{{- define "preheat.admission" -}}
failurePolicy: Fail
paramKind:
  apiVersion: v1
  kind: ConfigMap
matchConstraints:
  resourceRules:
    - apiGroups: [preheat.goharbor.io]
      apiVersions: ["*"]
      operations: [CREATE, UPDATE]
      resources: [{{ . }}]
matchConditions:
  - name: spec-is-written
    expression: request.operation == 'CREATE' || object.spec != oldObject.spec
{{- end -}}

{{- /* From URLs to the hosts that are not allowed. What is not plainly a host is the empty text, which is in no list. */ -}}
{{- define "preheat.admissionHosts" -}}
- name: limits
  expression: "has(params.data) ? params.data : {}"
- name: allowed
  expression: >-
    (('hosts' in variables.limits ? variables.limits['hosts'].split('\n') : [])
    + ('hosts.' + request.namespace in variables.limits ? variables.limits['hosts.' + request.namespace].split('\n') : []))
    .map(line, line.trim().lowerAscii()).filter(line, line != '')
- name: denied
  expression: >-
    variables.urls.map(url, url.lowerAscii())
    .map(url, url.matches('^https?://(\\[[0-9a-f:.]+\\]|[a-z0-9._-]+)(:[0-9]+)?(/.*)?$') ? url.split('/')[2] : '')
    .map(server, server.startsWith('[') ? server.split(']')[0] + ']' : server.split(':')[0])
    .filter(host, !variables.allowed.exists(entry,
        entry == '*' || (host != '' && (entry == host || (entry.startsWith('.') && host.endsWith(entry))))))
{{- end -}}

{{- define "preheat.admissionServers" -}}
- expression: variables.denied.size() == 0
  messageExpression: >-
    (variables.denied[0] == '' ? 'a URL in spec has no plain host and is' : 'host ' + variables.denied[0] + ' of a URL in spec is')
    + ' not allowed for namespace ' + request.namespace
    + '; have the host added to hosts or hosts.' + request.namespace
    + ' of ConfigMap ' + params.metadata.namespace + '/' + params.metadata.name
- expression: >-
    !(has(object.spec.tls) && has(object.spec.tls.insecureSkipVerify) && object.spec.tls.insecureSkipVerify)
    || ('insecureNamespaces' in variables.limits
        && variables.limits['insecureNamespaces'].split('\n').exists(line, line.trim() == request.namespace))
  messageExpression: >-
    'spec.tls.insecureSkipVerify: not allowed for namespace ' + request.namespace
    + '; set spec.tls.caBundleRef, or have the namespace added to insecureNamespaces'
    + ' of ConfigMap ' + params.metadata.namespace + '/' + params.metadata.name
{{- end -}}
