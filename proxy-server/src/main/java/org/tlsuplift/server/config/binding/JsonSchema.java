package org.tlsuplift.server.config.binding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The JSON schema of a record: its keys and rules, with the comments and values of the default
 * configuration. Nothing refers to another place of the schema, because some editors follow no
 * references.
 */
public final class JsonSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String PROPERTIES = "properties";
  private static final String REQUIRED = "required";
  private static final String ALL_OF = "allOf";
  private static final String ANY_OF = "anyOf";

  private final Map<String, String> descriptions;
  private final Set<String> keys = new TreeSet<>();
  private final ObjectNode schema;

  /**
   * @param title of the schema
   * @param defaults the default configuration, in YAML
   * @param descriptions of its keys, by their paths without indices
   */
  public JsonSchema(
      Class<?> root, String title, String defaults, Map<String, String> descriptions) {
    this.descriptions = descriptions;
    schema = JSON.objectNode();
    schema.put("$schema", "http://json-schema.org/draft-07/schema#");
    schema.put("title", title);
    schema.setAll(section(root, "", parse(defaults)));
  }

  /** The paths of all keys. */
  public Set<String> keys() {
    return keys;
  }

  /** The schema as text. */
  public String json() {
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withSeparators(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
    try {
      return new ObjectMapper().writer(printer).writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static YamlNode parse(String yaml) {
    Problems problems = new Problems();
    YamlNode root = YamlTree.parse(yaml, problems).root();
    if (!problems.errors().isEmpty()) {
      throw new IllegalArgumentException(problems.errors() + " in " + yaml);
    }
    return root;
  }

  private ObjectNode section(Class<?> record, String path, YamlNode values) {
    ObjectNode section = JSON.objectNode();
    section.put("type", "object");
    section.set(REQUIRED, JSON.arrayNode());
    section.put("additionalProperties", false);
    section.set(PROPERTIES, JSON.objectNode());
    ObjectNode rules = JSON.objectNode();
    describe(record, path, values, section, rules, false);
    if (section.get(REQUIRED).isEmpty()) {
      section.remove(REQUIRED);
    }
    return section.setAll(rules);
  }

  /**
   * Adds the keys of a record to a section, and its rules.
   *
   * @param self whether the section stands for the only entry of its own list
   */
  private void describe(
      Class<?> record,
      String path,
      YamlNode values,
      ObjectNode section,
      ObjectNode rules,
      boolean self) {
    for (RecordComponent component : record.getRecordComponents()) {
      Setting setting = new Setting(component);
      Key key = setting.key;
      String name = setting.name;
      if (key.inline()) {
        describe(component.getType(), path, values, section, rules, self);
      } else if (!(self && key.listed())) {
        String at = path.isEmpty() ? name : path + "." + name;
        keys.add(at);
        if (key.required()) {
          section.withArray(REQUIRED).add(name);
        }
        section.withObject(PROPERTIES).set(name, described(setting, at, values.get(name)));
      }
      if (key.orSelf()) {
        orSelf(setting, path, section, rules);
      }
    }
    SchemaRules written = record.getAnnotation(SchemaRules.class);
    if (written != null) {
      add(rules, object(written.value()));
    }
  }

  /** The keys of the only entry, which exclude the list. */
  private void orSelf(Setting list, String path, ObjectNode section, ObjectNode rules) {
    ObjectNode only = JSON.objectNode();
    only.set(PROPERTIES, JSON.objectNode());
    only.set(REQUIRED, JSON.arrayNode());
    ObjectNode itsRules = JSON.objectNode();
    describe(list.type, path, YamlNode.MISSING, only, itsRules, true);
    section.withObject(PROPERTIES).setAll((ObjectNode) only.get(PROPERTIES));
    ObjectNode none = JSON.objectNode();
    ArrayNode one = JSON.arrayNode();
    only.get(PROPERTIES)
        .fieldNames()
        .forEachRemaining(
            key -> {
              none.put(key, false);
              one.add(required(key));
            });
    ObjectNode then = JSON.objectNode();
    then.set(REQUIRED, only.get(REQUIRED));
    then.set(ALL_OF, JSON.arrayNode().add(itsRules));
    ObjectNode otherwise = JSON.objectNode();
    otherwise.set("if", JSON.objectNode().set(ANY_OF, one));
    otherwise.set("then", then);
    ObjectNode rule = JSON.objectNode();
    rule.set("if", required(list.name));
    rule.set("then", JSON.objectNode().set(PROPERTIES, none));
    rule.set("else", otherwise);
    add(rules, rule);
  }

  private static ObjectNode required(String key) {
    return JSON.objectNode().set(REQUIRED, JSON.arrayNode().add(key));
  }

  /** Adds a rule, beside those that have one of its keywords already. */
  private static void add(ObjectNode rules, ObjectNode rule) {
    JsonNode all = rule.remove(ALL_OF);
    if (all != null) {
      rules.withArray(ALL_OF).addAll((ArrayNode) all);
    }
    boolean isNew = true;
    for (Map.Entry<String, JsonNode> each : rule.properties()) {
      isNew &= !rules.has(each.getKey());
    }
    if (isNew) {
      rules.setAll(rule);
    } else {
      rules.withArray(ALL_OF).add(rule);
    }
  }

  private ObjectNode described(Setting setting, String path, YamlNode value) {
    ObjectNode described = JSON.objectNode();
    String description = descriptions.getOrDefault(path, "");
    if (!description.isEmpty()) {
      described.put("description", description);
    }
    boolean isExample = value.isList() && setting.section(YamlNode.MISSING) != null;
    if (!value.isMissing() && !value.isMapping() && !isExample) {
      described.set("default", json(value));
    }
    return described.setAll(value(setting, path, value));
  }

  private ObjectNode value(Setting setting, String path, YamlNode value) {
    ObjectNode more = setting.key.schema().isEmpty() ? null : object(setting.key.schema());
    if (setting.isMap()) {
      ObjectNode map = object("{type: object}");
      map.set("propertyNames", form(Setting.form(setting.key.keys())));
      return map.set("additionalProperties", form(setting.form()));
    }
    if (!setting.isCollection()) {
      return one(setting, path, value, more);
    }
    ObjectNode list = object("{type: array, minItems: 1}");
    ObjectNode item = one(setting, path, YamlNode.MISSING, null);
    list.set("items", item);
    if (more != null) {
      list.setAll(more);
    }
    return setting.key.single()
        ? JSON.objectNode().set(ANY_OF, JSON.arrayNode().add(item).add(list))
        : list;
  }

  private ObjectNode one(Setting setting, String path, YamlNode value, @Nullable ObjectNode more) {
    Class<?> either = setting.key.section();
    Class<?> record = either == void.class ? setting.section(value) : either;
    ObjectNode schema = record == null ? text(setting) : section(record, path, value);
    if (record != null && (!value.isMissing() || !setting.fallback().isMissing())) {
      // A key without a value means the defaults.
      schema.set("type", JSON.arrayNode().add("object").add("null"));
    }
    if (more != null) {
      JsonNode type = more.remove("type");
      if (type != null) {
        schema.set("type", type);
      }
      add(schema, more);
    }
    if (either == void.class) {
      return schema;
    }
    ArrayNode both = JSON.arrayNode().add(form(setting.form())).add(schema);
    return JSON.objectNode().set(ANY_OF, both);
  }

  private static ObjectNode text(Setting setting) {
    Class<?> type = setting.type;
    if (setting.isNumber()) {
      return object(
          "{type: integer, minimum: %s, maximum: %s}"
              .formatted(setting.key.min(), setting.key.max()));
    }
    if (setting.isFlag()) {
      return object("{type: boolean}");
    }
    if (setting.key.form() == void.class) {
      if (type.isEnum()) {
        return JSON.objectNode().set("enum", words(setting.words()));
      }
      if (type == Duration.class) {
        return object(Durations.SCHEMA);
      }
    }
    return type == long.class ? object(Sizes.SCHEMA) : form(setting.form());
  }

  private static ObjectNode form(Form<?> form) {
    Form.Rules rules = Forms.rules(form);
    return rules.pattern().isEmpty()
        ? object(rules.schema())
        : JSON.objectNode().put("type", "string").put("pattern", rules.pattern());
  }

  private static ArrayNode words(List<String> words) {
    ArrayNode all = JSON.arrayNode();
    for (String word : words) {
      all.add(word);
      if (word.equals("true") || word.equals("false")) {
        all.add(Boolean.parseBoolean(word));
      }
    }
    return all;
  }

  private static ObjectNode object(String yaml) {
    return (ObjectNode) json(parse(yaml));
  }

  private static JsonNode json(YamlNode node) {
    return switch (node.kind()) {
      case MISSING, NULL -> JSON.nullNode();
      case TEXT, OTHER -> JSON.textNode(node.text());
      case INTEGER -> JSON.numberNode(Integer.parseInt(node.text()));
      case FLAG -> JSON.booleanNode(Boolean.parseBoolean(node.text()));
      case LIST -> {
        ArrayNode list = JSON.arrayNode();
        node.items().forEach(item -> list.add(json(item)));
        yield list;
      }
      case MAPPING -> {
        ObjectNode mapping = JSON.objectNode();
        node.entries().forEach((key, value) -> mapping.set(key, json(value)));
        yield mapping;
      }
    };
  }
}
