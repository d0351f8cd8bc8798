// Runs the transforms and predicates of the real Kafka Connect over the records of records.json, as cases.jsonl says, and
// prints each case with what came out: expected.jsonl. README.md says how to run it.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

public class TransformOracle {
  static final ObjectMapper MAPPER = new ObjectMapper();
  static final JsonConverter CONVERTER = new JsonConverter();

  record Step(Transformation<SourceRecord> transform, Predicate<SourceRecord> predicate, boolean negate) {}

  public static void main(String[] args) throws Exception {
    CONVERTER.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
    if (args[0].equals("keys")) {
      for (int i = 1; i < args.length; ++i) printKeys(args[i]);
      return;
    }
    JsonNode records = MAPPER.readTree(Files.readAllBytes(Path.of(args[0])));
    for (String line : Files.readAllLines(Path.of(args[1]))) {
      if (line.isBlank()) continue;
      ObjectNode test = (ObjectNode) MAPPER.readTree(line);
      test.set("expect", outcome(test.get("config"), record(records.get(test.get("record").asText()))));
      System.out.println(MAPPER.writeValueAsString(test));
    }
  }

  static ObjectNode outcome(JsonNode config, SourceRecord record) {
    ObjectNode out = MAPPER.createObjectNode();
    List<Step> steps;
    try {
      steps = steps(config);
    } catch (Throwable problem) {
      out.put("refused", text(problem));
      return out;
    }
    try {
      for (Step step : steps) {
        if (step.predicate != null && step.predicate.test(record) == step.negate) continue;
        record = step.transform.apply(record);
        if (record == null) {
          out.put("dropped", true);
          return out;
        }
      }
    } catch (Throwable problem) {
      out.put("error", text(problem));
      if (problem.getCause() != null) out.put("cause", text(problem.getCause()));
      return out;
    }
    out.put("topic", record.topic());
    out.put("partition", record.kafkaPartition());
    out.put("timestamp", record.timestamp());
    out.put("key", bytes(record.keySchema(), record.key()));
    out.put("value", bytes(record.valueSchema(), record.value()));
    ArrayNode headers = out.putArray("headers");
    for (Header header : record.headers()) headers.addArray().add(header.key()).add(bytes(header.schema(), header.value()));
    return out;
  }

  // Without the address of an object that a message names, and of a record its topic only.
  static String text(Throwable problem) {
    String text = problem.getClass().getName() + ": " + problem.getMessage();
    return text.replaceAll("\\$InsertionSpec@[0-9a-f]+", "\\$InsertionSpec")
        .replaceAll("(?s)(Timestamp missing on record: ).*?(ConnectRecord\\{topic='[^']*').*", "$1$2}");
  }

  static String bytes(Schema schema, Object value) {
    try {
      byte[] out = CONVERTER.fromConnectData("t", schema, value);
      return out == null ? null : new String(out, StandardCharsets.UTF_8);
    } catch (Throwable problem) {
      return "unwritable: " + text(problem);
    }
  }

  @SuppressWarnings("unchecked")
  static List<Step> steps(JsonNode config) throws Exception {
    List<Step> steps = new ArrayList<>();
    for (String alias : config.get("transforms").asText().split(",")) {
      String prefix = "transforms." + alias + ".";
      Map<String, Object> options = options(config, prefix);
      Predicate<SourceRecord> predicate = null;
      if (options.get("predicate") != null) {
        Map<String, Object> own = options(config, "predicates." + options.get("predicate") + ".");
        predicate = (Predicate<SourceRecord>) made(own);
        predicate.configure(own);
      }
      Transformation<SourceRecord> transform = (Transformation<SourceRecord>) made(options);
      transform.configure(options);
      steps.add(new Step(transform, predicate, "true".equals(options.get("negate"))));
    }
    return steps;
  }

  static Object made(Map<String, Object> options) throws Exception {
    return Class.forName((String) options.get("type")).getDeclaredConstructor().newInstance();
  }

  static Map<String, Object> options(JsonNode config, String prefix) {
    Map<String, Object> options = new HashMap<>();
    config.fields().forEachRemaining(entry -> {
      if (entry.getKey().startsWith(prefix)) options.put(entry.getKey().substring(prefix.length()), entry.getValue().asText());
    });
    return options;
  }

  static SourceRecord record(JsonNode node) throws Exception {
    SchemaAndValue key = data(node.get("key"));
    SchemaAndValue value = data(node.get("value"));
    ConnectHeaders headers = new ConnectHeaders();
    if (node.has("headers"))
      for (JsonNode header : node.get("headers")) headers.add(header.get(0).asText(), data(header.get(1)));
    return new SourceRecord(Map.of(), Map.of(), node.get("topic").asText(), node.has("partition") ? node.get("partition").asInt() : null,
        key.schema(), key.value(), value.schema(), value.value(), node.has("timestamp") ? node.get("timestamp").asLong() : null, headers);
  }

  static SchemaAndValue data(JsonNode node) throws Exception {
    if (node == null || node.isNull()) return SchemaAndValue.NULL;
    SchemaAndValue data = CONVERTER.toConnectData("t", MAPPER.writeValueAsBytes(node));
    buffers(data.value());
    return data;
  }

  // Debezium gives bytes as ByteBuffers.
  static void buffers(Object value) {
    if (!(value instanceof Struct struct)) return;
    for (Field field : struct.schema().fields()) {
      Object member = struct.getWithoutDefault(field.name());
      if (member instanceof byte[] bytes) struct.put(field, ByteBuffer.wrap(bytes));
      buffers(member);
    }
  }

  static void printKeys(String name) throws Exception {
    Object made = Class.forName(name).getDeclaredConstructor().newInstance();
    ConfigDef def = (ConfigDef) made.getClass().getMethod("config").invoke(made);
    System.out.println(name);
    for (ConfigDef.ConfigKey key : def.configKeys().values())
      System.out.println("  " + key.name + " " + key.type + " required=" + !key.hasDefault() + " default="
          + (key.hasDefault() ? key.defaultValue : "-") + " " + key.importance + " " + key.width + " " + key.displayName + " " + key.validator);
  }
}
