//! The Defender as a Node addon: the same library, loaded by `process.dlopen`.
//!
//! Only Node-API version 1 is used, which every Node from 10 on has.

use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use crate::abi::{DefenderOut, defender_begin, defender_end, defender_free, defender_start};
use crate::symbol::symbol;

type Env = *mut c_void;
type Value = *mut c_void;
type CallbackInfo = *mut c_void;
type Status = c_int;
type Callback = unsafe extern "C" fn(Env, CallbackInfo) -> Value;

const OK: Status = 0;
/// An event is at most 6 MB; Node escapes nothing when it hands over UTF-8.
const MOST: usize = 64 * 1024 * 1024;

/// Node's functions, by their names in `js_native_api.h`.
struct Node {
    create_function:
        unsafe extern "C" fn(Env, *const c_char, usize, Callback, *mut c_void, *mut Value) -> Status,
    set_named_property: unsafe extern "C" fn(Env, Value, *const c_char, Value) -> Status,
    get_cb_info: unsafe extern "C" fn(
        Env,
        CallbackInfo,
        *mut usize,
        *mut Value,
        *mut Value,
        *mut *mut c_void,
    ) -> Status,
    get_value_string_utf8: unsafe extern "C" fn(Env, Value, *mut c_char, usize, *mut usize) -> Status,
    create_int32: unsafe extern "C" fn(Env, i32, *mut Value) -> Status,
    create_string_utf8: unsafe extern "C" fn(Env, *const c_char, usize, *mut Value) -> Status,
    create_object: unsafe extern "C" fn(Env, *mut Value) -> Status,
}

static NODE: OnceLock<Option<Node>> = OnceLock::new();

/// Called by Node when the library is loaded, once for each thread that loads it.
///
/// # Safety
/// Node calls it with a valid environment and object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(env: Env, exports: Value) -> Value {
    if let Some(node) = node() {
        for (name, callback) in [(c"start", start as Callback), (c"begin", begin), (c"end", end)] {
            // SAFETY: the environment and the object are Node's own; the name is a C string of known length.
            unsafe {
                let mut function = ptr::null_mut();
                let length = name.count_bytes();
                let made = (node.create_function)(
                    env,
                    name.as_ptr(),
                    length,
                    callback,
                    ptr::null_mut(),
                    &mut function,
                );
                if made == OK {
                    (node.set_named_property)(env, exports, name.as_ptr(), function);
                }
            }
        }
    }
    exports
}

/// `start(runtime, version)` → status.
unsafe extern "C" fn start(env: Env, info: CallbackInfo) -> Value {
    // SAFETY: Node's own environment and arguments.
    guarded(|node| unsafe {
        let [runtime, version] = arguments(node, env, info);
        let (runtime, version) = (text(node, env, runtime)?, text(node, env, version)?);
        let (runtime, version) = (CString::new(runtime).ok()?, CString::new(version).ok()?);
        number(node, env, defender_start(runtime.as_ptr(), version.as_ptr()))
    })
}

/// `begin(event | null, context)` → `{verdict, data?}`.
unsafe extern "C" fn begin(env: Env, info: CallbackInfo) -> Value {
    // SAFETY: Node's own environment and arguments; the texts outlive the call; what is given out is freed once.
    guarded(|node| unsafe {
        let [event, context] = arguments(node, env, info);
        let event = text(node, env, event);
        let context = text(node, env, context).unwrap_or_default();
        let (data, length) = event.as_ref().map_or((ptr::null(), 0), |event| (event.as_ptr(), event.len()));
        let mut out = DefenderOut { data: ptr::null_mut(), len: 0 };
        let verdict = defender_begin(data, length, context.as_ptr(), context.len(), &mut out);
        let mut object = ptr::null_mut();
        if (node.create_object)(env, &mut object) != OK {
            defender_free(&mut out);
            return None;
        }
        (node.set_named_property)(env, object, c"verdict".as_ptr(), number(node, env, verdict)?);
        if !out.data.is_null() {
            let mut value = ptr::null_mut();
            if (node.create_string_utf8)(env, out.data.cast(), out.len, &mut value) == OK {
                (node.set_named_property)(env, object, c"data".as_ptr(), value);
            }
            defender_free(&mut out);
        }
        Some(object)
    })
}

/// `end()`.
unsafe extern "C" fn end(_env: Env, _info: CallbackInfo) -> Value {
    guarded(|_node| {
        // SAFETY: null is allowed.
        unsafe { defender_end(ptr::null_mut()) };
        None
    })
}

/// Runs `call`; `undefined` for Node if there is nothing to return or it panicked.
fn guarded(call: impl FnOnce(&'static Node) -> Option<Value>) -> Value {
    let Some(node) = node() else { return ptr::null_mut() };
    catch_unwind(AssertUnwindSafe(|| call(node))).ok().flatten().unwrap_or(ptr::null_mut())
}

/// # Safety
/// `env` and `info` are Node's.
unsafe fn arguments<const N: usize>(node: &Node, env: Env, info: CallbackInfo) -> [Value; N] {
    let mut values = [ptr::null_mut(); N];
    let mut count = N;
    // SAFETY: the array has room for `count` values; the other results are not asked for.
    unsafe {
        (node.get_cb_info)(env, info, &mut count, values.as_mut_ptr(), ptr::null_mut(), ptr::null_mut());
    }
    values
}

/// The text of a string; `None` for anything else.
///
/// # Safety
/// `env` is Node's and `value` one of its values or null.
unsafe fn text(node: &Node, env: Env, value: Value) -> Option<Vec<u8>> {
    if value.is_null() {
        return None;
    }
    let mut length = 0;
    // SAFETY: without a buffer the call only tells the length.
    if unsafe { (node.get_value_string_utf8)(env, value, ptr::null_mut(), 0, &mut length) } != OK
        || length > MOST
    {
        return None;
    }
    let mut bytes = vec![0u8; length + 1];
    // SAFETY: the buffer is as long as said, terminator included.
    let copied = unsafe {
        (node.get_value_string_utf8)(env, value, bytes.as_mut_ptr().cast(), bytes.len(), &mut length)
    };
    bytes.truncate(length);
    (copied == OK).then_some(bytes)
}

/// # Safety
/// `env` is Node's.
unsafe fn number(node: &Node, env: Env, number: c_int) -> Option<Value> {
    let mut value = ptr::null_mut();
    // SAFETY: the caller's promise.
    (unsafe { (node.create_int32)(env, number, &mut value) } == OK).then_some(value)
}

fn node() -> Option<&'static Node> {
    NODE.get_or_init(Node::find).as_ref()
}

impl Node {
    /// Looks up Node's functions in the running program; `None` outside Node.
    fn find() -> Option<Self> {
        // SAFETY: each symbol has the type that Node-API documents for its name, unchanged since version 1.
        unsafe {
            Some(Self {
                create_function: symbol(c"napi_create_function")?,
                set_named_property: symbol(c"napi_set_named_property")?,
                get_cb_info: symbol(c"napi_get_cb_info")?,
                get_value_string_utf8: symbol(c"napi_get_value_string_utf8")?,
                create_int32: symbol(c"napi_create_int32")?,
                create_string_utf8: symbol(c"napi_create_string_utf8")?,
                create_object: symbol(c"napi_create_object")?,
            })
        }
    }
}
