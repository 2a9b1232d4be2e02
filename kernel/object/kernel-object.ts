/**
 * What a capability names. The kind in the capability says which class the object is of, so objects carry no tag and
 * `capability.object as Endpoint` costs nothing; it is right wherever `capability.kind` has been tested.
 */
export class KernelObject {}
