import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.strimzi.api.kafka.model.connect.KafkaConnect;
import io.strimzi.api.kafka.model.connector.KafkaConnector;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import java.io.File;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Kubernetes resources as strictly as an API server that is told to refuse unknown fields, with the classes of
 * Strimzi's operator 0.50.0 and of its Kubernetes client.
 *
 * usage: java -cp LIBS Resources.java FILE.yaml...
 *
 * Each resource is printed as one line of JSON: {"file": ..., "resource": ...}, values as the operator sees them. Each
 * problem is a line on standard error; the exit status is 1 when there is one.
 */
public class Resources {
  static final String STRIMZI = "kafka.strimzi.io/v1";

  record Kind(String apiVersion, Class<?> type, List<String> required, List<String> absent) {}

  // What the v1 schemas of 0.50.0 require and what they took out of v1beta2 (the operator's classes still know it).
  static final Map<String, Kind> KINDS = Map.of(
      "Kafka", new Kind(STRIMZI, Kafka.class, List.of("/spec/kafka/listeners"),
          List.of("/spec/zookeeper", "/spec/jmxTrans", "/spec/kafka/replicas", "/spec/kafka/storage", "/spec/kafka/resources")),
      "KafkaNodePool", new Kind(STRIMZI, KafkaNodePool.class,
          List.of("/metadata/labels/strimzi.io~1cluster", "/spec/replicas", "/spec/storage", "/spec/roles"), List.of()),
      "KafkaConnect", new Kind(STRIMZI, KafkaConnect.class,
          List.of("/spec/replicas", "/spec/bootstrapServers", "/spec/groupId", "/spec/configStorageTopic", "/spec/statusStorageTopic",
              "/spec/offsetStorageTopic"),
          List.of("/spec/externalConfiguration", "/spec/template/deployment", "/spec/config/group.id", "/spec/config/config.storage.topic",
              "/spec/config/status.storage.topic", "/spec/config/offset.storage.topic")),
      "KafkaConnector", new Kind(STRIMZI, KafkaConnector.class, List.of("/metadata/labels/strimzi.io~1cluster", "/spec/class"),
          List.of("/spec/pause", "/spec/config/name", "/spec/config/connector.class", "/spec/config/tasks.max")),
      "Secret", new Kind("v1", Secret.class, List.of(), List.of()),
      "Service", new Kind("v1", Service.class, List.of("/spec/ports/0/port"), List.of()),
      "PersistentVolumeClaim", new Kind("v1", PersistentVolumeClaim.class, List.of("/spec/accessModes", "/spec/resources/requests/storage"), List.of()),
      "Deployment", new Kind("apps/v1", Deployment.class,
          List.of("/spec/selector/matchLabels", "/spec/template/metadata/labels", "/spec/template/spec/containers/0/image"), List.of()));

  static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory())
      .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  static final ObjectMapper JSON = new ObjectMapper();

  static boolean wrong = false;

  static void problem(String file, String text) {
    wrong = true;
    System.err.println(file + ": " + text);
  }

  public static void main(String[] files) {
    for (String file : files) {
      try (MappingIterator<JsonNode> resources = YAML.readerFor(JsonNode.class).readValues(new File(file))) {
        while (resources.hasNext()) {
          check(file, resources.next());
        }
      } catch (Exception x) {
        problem(file, "not YAML that can be read: " + firstLine(x));
      }
    }
    System.exit(wrong ? 1 : 0);
  }

  static void check(String file, JsonNode resource) throws Exception {
    String name = resource.path("kind").asText() + " " + resource.path("metadata").path("name").asText();
    Kind kind = KINDS.get(resource.path("kind").asText());
    if (kind == null) {
      problem(file, name + ": a kind that this test does not know");
      return;
    }
    if (!kind.apiVersion.equals(resource.path("apiVersion").asText())) {
      problem(file, name + ": apiVersion " + resource.path("apiVersion").asText() + " instead of " + kind.apiVersion);
    }
    for (String path : List.of("/metadata/name", "/metadata/namespace")) {
      requirePath(file, name, resource, path);
    }
    for (String path : kind.required) {
      requirePath(file, name, resource, path);
    }
    for (String path : kind.absent) {
      if (!resource.at(path).isMissingNode()) {
        problem(file, name + ": " + path + " is not allowed in " + kind.apiVersion);
      }
    }
    try {
      unknownFields(file, name, YAML.treeToValue(resource, kind.type), "", new IdentityHashMap<>());
    } catch (Exception x) {
      problem(file, name + ": " + firstLine(x));
      return;
    }
    ObjectNode line = JSON.createObjectNode();
    line.put("file", new File(file).getName());
    line.set("resource", resource);
    System.out.println(JSON.writeValueAsString(line));
  }

  static void requirePath(String file, String name, JsonNode resource, String path) {
    if (resource.at(path).isMissingNode() || resource.at(path).isNull()) {
      problem(file, name + ": " + path + " is missing");
    }
  }

  static String firstLine(Exception x) {
    return String.valueOf(x.getMessage()).lines().findFirst().orElse(x.toString());
  }

  /** The model classes do not refuse a field that they do not know, they keep it in getAdditionalProperties. */
  static void unknownFields(String file, String name, Object value, String path, IdentityHashMap<Object, Boolean> seen) throws Exception {
    if (value == null || seen.put(value, true) != null) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        unknownFields(file, name, entry.getValue(), path + "/" + entry.getKey(), seen);
      }
    } else if (value instanceof Collection<?> list) {
      int i = 0;
      for (Object entry : new ArrayList<>(list)) {
        unknownFields(file, name, entry, path + "/" + i++, seen);
      }
    } else if (isModel(value.getClass())) {
      for (Method getter : value.getClass().getMethods()) {
        if (getter.getParameterCount() != 0 || !getter.getName().startsWith("get") || getter.getName().equals("getClass")
            || getter.getDeclaringClass() == Object.class) {
          continue;
        }
        if (getter.getName().equals("getAdditionalProperties")) {
          for (Object field : ((Map<?, ?>) getter.invoke(value)).keySet()) {
            problem(file, name + ": unknown field " + path + "/" + field);
          }
        } else if (isModel(getter.getReturnType()) || Map.class.isAssignableFrom(getter.getReturnType())
            || Collection.class.isAssignableFrom(getter.getReturnType())) {
          unknownFields(file, name, getter.invoke(value), path + "/" + field(getter), seen);
        }
      }
    }
  }

  static String field(Method getter) {
    return Character.toLowerCase(getter.getName().charAt(3)) + getter.getName().substring(4);
  }

  static boolean isModel(Class<?> type) {
    return !type.isEnum() && (type.getName().startsWith("io.strimzi.api.") || type.getName().startsWith("io.fabric8.kubernetes.api.model."));
  }
}
