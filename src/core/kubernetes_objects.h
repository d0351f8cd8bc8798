// Values of Kubernetes Secrets and ConfigMaps, read from the API server as a pod may: with the token and the CA
// certificate of its service account, both read anew each time, because Kubernetes replaces them.
// Where: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, set in every pod, and the files token, ca.crt and namespace
// below /var/run/secrets/kubernetes.io/serviceaccount (MILLRACE_SERVICE_ACCOUNT names another directory).
// Source of paths and bodies: Kubernetes API reference v1, Secret and ConfigMap. Threads: any; a call blocks for up to
// 5 s per step. Errors name namespace, object and key, never a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace millrace {

enum class KubernetesObject : std::uint8_t { secret, config_map };

// path: "name" (the pod's own namespace) or "namespace/name". A secret's value comes decoded. None: the object has no
// such key. Retriable: the server is not reached or busy.
Result<std::optional<std::string>> kubernetes_value(KubernetesObject object, std::string_view path,
                                                    std::string_view key);

// Base64 of RFC 4648 with padding, as Kubernetes writes it; none: not base64.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace millrace
