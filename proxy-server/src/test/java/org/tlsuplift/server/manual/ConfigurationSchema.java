package org.tlsuplift.server.manual;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The JSON schema of the configuration: the rules of {@code schema.yaml} with the comments and
 * values of the default.
 */
final class ConfigurationSchema {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final String PROPERTIES = "properties";
  private static final String ITEMS = "items";
  private static final String REFERENCE = "$ref";

  private final Map<String, String> descriptions;
  private final JsonNode defaults;
  private final JsonNode definitions;
  private final ObjectNode schema;
  private final Set<String> keys = new TreeSet<>();

  /**
   * Makes the schema.
   *
   * @param yaml the commented default configuration
   */
  ConfigurationSchema(String yaml) throws IOException {
    descriptions = new ConfigurationPage(yaml).descriptions();
    defaults = YAML.readTree(yaml);
    try (InputStream rules = ConfigurationSchema.class.getResourceAsStream("schema.yaml")) {
      ObjectNode root = (ObjectNode) YAML.readTree(Objects.requireNonNull(rules));
      definitions = root.remove("definitions");
      schema = (ObjectNode) whole(root);
    }
    describe(schema, "", defaults);
  }

  /** The node with the definitions in the place of their names: editors then need no references. */
  private JsonNode whole(JsonNode node) {
    if (node.has(REFERENCE)) {
      return whole(definitions.required(node.get(REFERENCE).textValue()).deepCopy());
    }
    if (node instanceof ObjectNode object) {
      object.properties().forEach(each -> each.setValue(whole(each.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, whole(array.get(i)));
      }
    }
    return node;
  }

  private void describe(JsonNode node, String path, JsonNode values) {
    JsonNode mapping = node.path(ITEMS).has(PROPERTIES) ? node.get(ITEMS) : node;
    for (Map.Entry<String, JsonNode> each : mapping.path(PROPERTIES).properties()) {
      String key = path.isEmpty() ? each.getKey() : path + "." + each.getKey();
      keys.add(key);
      JsonNode value = values.path(each.getKey());
      each.setValue(described((ObjectNode) each.getValue(), key, value));
      describe(each.getValue(), key, value);
    }
  }

  private ObjectNode described(ObjectNode rules, String key, JsonNode value) {
    ObjectNode described = YAML.createObjectNode();
    String description = descriptions.get(key);
    if (description != null && !description.isEmpty()) {
      described.put("description", description);
    }
    boolean example = value.isObject() || key.equals("listeners") || key.equals("routes");
    if (!value.isMissingNode() && !example) {
      described.set("default", value);
    }
    described.setAll(rules);
    return described;
  }

  /** The paths of all keys. */
  Set<String> keys() {
    return keys;
  }

  String json() throws IOException {
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withSeparators(
                com.fasterxml.jackson.core.util.Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(
                        com.fasterxml.jackson.core.util.Separators.Spacing.AFTER));
    return new ObjectMapper().writer(printer).writeValueAsString(schema) + "\n";
  }
}
