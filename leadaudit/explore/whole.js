// The code of a widget comes as text in `_bundle`. The host allows two seconds for loading a widget; on a busy
// computer the pictures' 5 MB take longer, and every picture would load them again. So this module is there at
// once, and what it stands for is loaded once per page, whenever it is ready.
const modules = (globalThis.leadauditModules ??= new Map());

function load(model) {
  const id = model.get("_anywidget_id");
  if (!modules.has(id)) {
    const url = URL.createObjectURL(new Blob([model.get("_bundle")], { type: "text/javascript" }));
    modules.set(id, import(url).finally(() => URL.revokeObjectURL(url)));
  }
  return modules.get(id);
}

export default () => {
  let begun;
  return {
    initialize({ model }) {
      begun = load(model).then(async (module) => {
        const widget = typeof module.default === "function" ? await module.default() : module.default;
        await widget.initialize?.({ model });
        return widget;
      });
    },
    async render({ model, el }) {
      return (await begun).render({ model, el });
    },
  };
};
