// The parts of Monaco that have no types of their own, as far as symbols.ts uses them.

declare module "monaco-editor/editor/contrib/documentSymbols/browser/outlineModel.js" {
  import type { CancellationToken, editor, languages } from "monaco-editor";

  interface OutlineModel {
    asListOfDocumentSymbols(): languages.DocumentSymbol[];
  }
  export const IOutlineModelService: {
    /** Only for the type: the identifier of the service. */
    service: {
      getOrCreate(model: editor.ITextModel, token: CancellationToken): Promise<OutlineModel>;
    };
  };
}

declare module "monaco-editor/editor/standalone/browser/standaloneServices.js" {
  export const StandaloneServices: {
    get<Service>(id: { service: Service }): Service;
  };
}
