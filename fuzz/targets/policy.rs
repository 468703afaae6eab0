//! Both policies from any JSON: what is read, written and read again is the same, and nothing panics on the way.

#![no_main]

use gambeson_policy::{EffectivePolicy, FunctionId, RuntimePolicy, WaasPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let runtime = serde_json::from_slice::<RuntimePolicy>(bytes).unwrap_or_default();
    let waas = serde_json::from_slice::<WaasPolicy>(bytes).unwrap_or_default();
    let written = serde_json::to_string(&runtime).expect("a policy can be written");
    assert_eq!(serde_json::from_str::<RuntimePolicy>(&written).expect("and read again"), runtime);
    let written = serde_json::to_string(&waas).expect("a policy can be written");
    assert_eq!(serde_json::from_str::<WaasPolicy>(&written).expect("and read again"), waas);
    let _ = runtime.validate();
    let _ = waas.validate();
    let function = FunctionId {
        name: "ping",
        region: "eu-west-1",
        account: Some("123456789012"),
        labels: &[("env", "a")],
    };
    let effective = EffectivePolicy::for_function(&runtime, &waas, &function);
    assert_eq!(effective.runtime.is_some(), runtime.rule_for(&function).is_some());
});
