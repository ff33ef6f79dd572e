/** `_type` of a request: tells it from an approval, whatever the file is called (docs/SPEC.md, "Requests"). */
export const REQUEST_TYPE = 'urn:countersign:request:v1';
