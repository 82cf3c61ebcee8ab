{{- define "tls-uplift.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 57 characters leave room for '-admin'. */}}
{{- define "tls-uplift.fullname" -}}
{{- $name := include "tls-uplift.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 57 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 57 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 57 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "tls-uplift.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tls-uplift.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tls-uplift.labels" -}}
{{ include "tls-uplift.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "tls-uplift.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The names of the admin port: for browsers those of the service, and inside the cluster those of the admin service. */}}
{{- define "tls-uplift.adminName" -}}
{{- printf "%s-admin.%s.svc" (include "tls-uplift.fullname" .) .Release.Namespace }}
{{- end }}

{{/* A duration such as 500ms, 10s, 2m or 1h in seconds, rounded up. Arguments: key, value. */}}
{{- define "tls-uplift.seconds" -}}
{{- $key := index . 0 }}
{{- $text := index . 1 | toString }}
{{- if not (regexMatch "^[0-9]+(ms|s|m|h|d)$" $text) }}
{{- fail (printf "config.limits.%s: got %s; expected a time such as 30s, 2m or 1h" $key $text) }}
{{- end }}
{{- $number := regexFind "^[0-9]+" $text | int64 }}
{{- $unit := regexFind "[a-z]+$" $text }}
{{- if eq $unit "ms" }}{{ div (add $number 999) 1000 }}
{{- else }}{{ mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) }}
{{- end }}
{{- end }}

{{/* What a pod needs to stop in order. The daemon ends by force 5 s after drainTimeout. */}}
{{- define "tls-uplift.stopSeconds" -}}
{{- $limits := default dict .Values.config.limits }}
{{- $grace := include "tls-uplift.seconds" (list "stopGrace" (default "0s" $limits.stopGrace)) | int64 }}
{{- $drain := include "tls-uplift.seconds" (list "drainTimeout" (default "30s" $limits.drainTimeout)) | int64 }}
{{- add $grace $drain 15 }}
{{- end }}

{{- define "tls-uplift.terminationGrace" -}}
{{- $needed := include "tls-uplift.stopSeconds" . | int64 }}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds }}
{{- $needed }}
{{- else if lt (int64 .Values.terminationGracePeriodSeconds) $needed }}
{{- fail (printf "terminationGracePeriodSeconds: got %d; expected at least %d, which is stopGrace + drainTimeout + 15 s; omit it" (int64 .Values.terminationGracePeriodSeconds) $needed) }}
{{- else }}
{{- int64 .Values.terminationGracePeriodSeconds }}
{{- end }}
{{- end }}

{{/* The listeners with their ports, as JSON: [{"name": ..., "ports": [...]}]. */}}
{{- define "tls-uplift.listeners" -}}
{{- $all := list }}
{{- $taken := dict "9464" "the admin port" }}
{{- range .Values.config.listeners }}
{{- $name := .name }}
{{- $ports := list }}
{{- range (kindIs "slice" .bind | ternary .bind (list .bind)) }}
{{- $port := regexFind "[0-9]+$" (toString .) | int64 }}
{{- if or (lt $port 1024) (gt $port 65535) }}
{{- fail (printf "config.listeners: %s: got bind %v; expected a port from 1024 to 65535; service.ports has the port for devices" $name .) }}
{{- end }}
{{- if not (has $port $ports) }}
{{- if hasKey $taken (toString $port) }}
{{- fail (printf "config.listeners: %s: got port %d, which is the port of %s; expected another port" $name $port (get $taken (toString $port))) }}
{{- end }}
{{- $_ := set $taken (toString $port) $name }}
{{- $ports = append $ports $port }}
{{- end }}
{{- end }}
{{- if eq (toString .accept) "transparent" }}
{{- fail (printf "config.listeners: %s: got accept: transparent; redirected devices need the network of a machine: see 'tls-uplift manual redirected-devices'" $name) }}
{{- end }}
{{- if and (eq $.Values.service.externalTrafficPolicy "Cluster") (ne $.Values.service.type "ClusterIP") (not .proxyProtocol) }}
{{- fail (printf "service.externalTrafficPolicy: got Cluster; listener %s would see the nodes instead of its devices; use Local, or proxyProtocol" $name) }}
{{- end }}
{{- $all = append $all (dict "name" $name "ports" $ports) }}
{{- end }}
{{- toJson $all }}
{{- end }}

{{/* The ports that the pods dial, as JSON. */}}
{{- define "tls-uplift.originPorts" -}}
{{- $ports := list }}
{{- range .Values.networkPolicy.originPorts }}{{ $ports = append $ports (int64 .) }}{{ end }}
{{- $urls := list }}
{{- range $section := list "database" "inventory" }}
{{- $url := get (default dict (get $.Values.config $section)) "url" }}
{{- if $url }}
{{- $port := regexFind "^jdbc:postgresql://[^/?]*" $url | regexFind ":[0-9]+$" | trimPrefix ":" | default "5432" }}
{{- $ports = append $ports (int64 $port) }}
{{- end }}
{{- end }}
{{- $vias := list (default dict .Values.config.upstream) }}
{{- range .Values.config.routes }}{{ $vias = append $vias . }}{{ end }}
{{- range $vias }}
{{- $port := regexFind ":[0-9]+/?$" (toString (default "direct" .via)) | trimPrefix ":" | trimSuffix "/" }}
{{- if $port }}{{ $ports = append $ports (int64 $port) }}{{ end }}
{{- end }}
{{- toJson (uniq $ports) }}
{{- end }}

{{/* The configuration of the pods. */}}
{{- define "tls-uplift.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $names := .Values.names }}
{{- range $config.listeners }}
{{- if and (eq (toString .accept) "fixed") (not (hasKey . "serverNames")) (not .certificate) }}
{{- $_ := set . "serverNames" $names }}
{{- end }}
{{- end }}
{{- range $key := list "dataDirectory" }}
{{- if hasKey $config $key }}{{ fail (printf "config.%s: the chart sets it; omit it" $key) }}{{ end }}
{{- end }}
{{- $_ := set $config "dataDirectory" "/data" }}
{{- $authority := default dict $config.certificateAuthority }}
{{- $_ := set $authority "certificate" "/etc/tls-uplift/ca/tls.crt" }}
{{- $_ := set $authority "key" "/etc/tls-uplift/ca/tls.key" }}
{{- $_ := set $config "certificateAuthority" $authority }}
{{- $_ := set $config.admin "bind" "0.0.0.0:9464" }}
{{- if not $config.admin.tls }}{{ $_ := set $config.admin "tls" "auto" }}{{ end }}
{{- $_ := set $config.admin "serverNames" (concat $names (list (include "tls-uplift.adminName" .)) (default list $config.admin.serverNames) | uniq) }}
{{- if .Values.config.signIn }}
{{- $flows := list .Values.config.signIn.flow }}
{{- range .Values.config.signIn.tenants }}{{ $flows = append $flows .flow }}{{ end }}
{{- if and (has "device-code" $flows) (not (default dict .Values.config.database).keyFile) }}
{{- fail "config.signIn.flow: got device-code; a pod loses the sign-ins of users when it ends; set config.database.keyFile, or use flow: application" }}
{{- end }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* The largest number of pods. */}}
{{- define "tls-uplift.maxReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ int .Values.autoscaling.maxReplicas }}{{ else }}{{ int .Values.replicas }}{{ end }}
{{- end }}
