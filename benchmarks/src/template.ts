export type TemplateValue = string | number | boolean | readonly (string | number)[];
export type TemplateValues = Readonly<Record<string, TemplateValue>>;

const SECTION = /\{\{#(\w+)\}\}([\s\S]*?)\{\{\/\1\}\}/g;

/**
 * Fills in a config file: `{{name}}`, and `{{#name}}…{{/name}}`, which stays where the value is true and repeats for each item of
 * a list, with `{{.}}` for the item and `{{,}}` for a comma between items. Throws where a name is unknown.
 */
export function renderTemplate(text: string, values: TemplateValues): string {
  const lookUp = (name: string): TemplateValue => {
    const value = values[name];
    if (value === undefined)
      throw new Error(`a template names {{${name}}}; known are ${Object.keys(values).join(", ")}`);
    return value;
  };
  return text
    .replace(SECTION, (_match, name: string, body: string) => {
      const value = lookUp(name);
      if (typeof value !== "object") return value ? body : "";
      const last = value.length - 1;
      return value
        .map((item, at) => body.replaceAll("{{.}}", String(item)).replaceAll("{{,}}", at < last ? ", " : ""))
        .join("");
    })
    .replace(/\{\{(\w+)\}\}/g, (_match, name: string) => String(lookUp(name)));
}
