//! The Defender as an extension module of CPython 2.7 and 3: the same library, imported as `libdefender`.
//!
//! `ctypes` would do the same and takes longer to import than the Defender to start. Only functions and layouts of the
//! stable ABI are used, and their like in 2.7.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use crate::abi::{DefenderOut, defender_begin, defender_end, defender_free, defender_start};
use crate::symbol::symbol;

type Object = *mut c_void;
type Function = unsafe extern "C" fn(Object, Object) -> Object;

/// Python's functions, by their names in its C API.
struct Python {
    tuple_get_item: unsafe extern "C" fn(Object, isize) -> Object,
    tuple_new: unsafe extern "C" fn(isize) -> Object,
    tuple_set_item: unsafe extern "C" fn(Object, isize, Object) -> c_int,
    bytes_from: unsafe extern "C" fn(*const c_char, isize) -> Object,
    bytes_as: unsafe extern "C" fn(Object, *mut *mut c_char, *mut isize) -> c_int,
    long_from: unsafe extern "C" fn(c_long) -> Object,
    inc_ref: unsafe extern "C" fn(Object),
    clear_error: unsafe extern "C" fn(),
    save_thread: unsafe extern "C" fn() -> *mut c_void,
    restore_thread: unsafe extern "C" fn(*mut c_void),
    none: Object,
}

// SAFETY: addresses of functions, and of an object that lives as long as the program and is only given back to it.
unsafe impl Send for Python {}
// SAFETY: as above.
unsafe impl Sync for Python {}

static PYTHON: OnceLock<Option<Python>> = OnceLock::new();

/// `PyMethodDef`.
#[repr(C)]
struct Method {
    name: *const c_char,
    function: Option<Function>,
    flags: c_int,
    doc: *const c_char,
}

/// `PyModuleDef`.
#[repr(C)]
struct Module {
    references: isize,
    kind: *mut c_void,
    init: *mut c_void,
    index: isize,
    copy: *mut c_void,
    name: *const c_char,
    doc: *const c_char,
    size: isize,
    methods: *const Method,
    slots: *mut c_void,
    traverse: *mut c_void,
    clear: *mut c_void,
    free: *mut c_void,
}

struct Methods([Method; 4]);

// SAFETY: constants; Python reads them.
unsafe impl Sync for Methods {}

static METHODS: Methods = {
    const POSITIONAL: c_int = 1;
    const fn method(name: &'static CStr, function: Function) -> Method {
        Method { name: name.as_ptr(), function: Some(function), flags: POSITIONAL, doc: ptr::null() }
    }
    Methods([
        method(c"start", start),
        method(c"begin", begin),
        method(c"end", end),
        Method { name: ptr::null(), function: None, flags: 0, doc: ptr::null() },
    ])
};

const NAME: &CStr = c"libdefender";

/// Called by CPython 3 when the module is imported.
///
/// # Safety
/// Python calls it, with its lock held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInit_libdefender() -> Object {
    /// `PYTHON_ABI_VERSION`.
    const ABI: c_int = 3;
    // SAFETY: the type that the C API documents for this name.
    let create: Option<unsafe extern "C" fn(*mut Module, c_int) -> Object> =
        unsafe { symbol(c"PyModule_Create2") };
    let (Some(create), Some(_)) = (create, python()) else { return ptr::null_mut() };
    // Python keeps it, and writes to it.
    let module = Box::leak(Box::new(Module {
        references: 1,
        kind: ptr::null_mut(),
        init: ptr::null_mut(),
        index: 0,
        copy: ptr::null_mut(),
        name: NAME.as_ptr(),
        doc: ptr::null(),
        size: -1,
        methods: METHODS.0.as_ptr(),
        slots: ptr::null_mut(),
        traverse: ptr::null_mut(),
        clear: ptr::null_mut(),
        free: ptr::null_mut(),
    }));
    // SAFETY: a definition of the layout above, which lives for ever.
    unsafe { create(module, ABI) }
}

/// Called by CPython 2.7 when the module is imported.
///
/// # Safety
/// Python calls it, with its lock held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn initlibdefender() {
    /// `PYTHON_API_VERSION`.
    const API: c_int = 1013;
    type Init = unsafe extern "C" fn(*const c_char, *const Method, *const c_char, Object, c_int) -> Object;
    // SAFETY: the type that the C API documents for this name; a table that lives for ever.
    unsafe {
        let init: Option<Init> = symbol(c"Py_InitModule4_64");
        if let (Some(init), Some(_)) = (init, python()) {
            init(NAME.as_ptr(), METHODS.0.as_ptr(), ptr::null(), ptr::null_mut(), API);
        }
    }
}

/// `start(runtime, version)` → status.
unsafe extern "C" fn start(_module: Object, arguments: Object) -> Object {
    // SAFETY: Python's own arguments, which live as long as the call.
    guarded(|python| unsafe {
        let text = |index| CString::new(python.bytes(arguments, index)?).ok();
        let (runtime, version) = (text(0)?, text(1)?);
        let status = python.unlocked(|| defender_start(runtime.as_ptr(), version.as_ptr()));
        Some((python.long_from)(status.into()))
    })
}

/// `begin(event or None, context)` → `(verdict, data or None)`.
unsafe extern "C" fn begin(_module: Object, arguments: Object) -> Object {
    // SAFETY: Python's own arguments, which do not change and live as long as the call; what is given out is freed once.
    guarded(|python| unsafe {
        let event = python.bytes(arguments, 0);
        let context = python.bytes(arguments, 1).unwrap_or_default();
        let (data, length) = event.map_or((ptr::null(), 0), |event| (event.as_ptr(), event.len()));
        let mut out = DefenderOut { data: ptr::null_mut(), len: 0 };
        let verdict =
            python.unlocked(|| defender_begin(data, length, context.as_ptr(), context.len(), &mut out));
        let given = match isize::try_from(out.len) {
            Ok(length) if !out.data.is_null() => (python.bytes_from)(out.data.cast(), length),
            _ => python.none(),
        };
        defender_free(&mut out);
        let answer = (python.tuple_new)(2);
        if given.is_null() || answer.is_null() {
            return Some(ptr::null_mut());
        }
        (python.tuple_set_item)(answer, 0, (python.long_from)(verdict.into()));
        (python.tuple_set_item)(answer, 1, given);
        Some(answer)
    })
}

/// `end()`.
unsafe extern "C" fn end(_module: Object, _arguments: Object) -> Object {
    guarded(|python| {
        // SAFETY: null is allowed.
        python.unlocked(|| unsafe { defender_end(ptr::null_mut()) });
        None
    })
}

/// Runs `call`; `None` for Python if there is nothing to return or it panicked.
fn guarded(call: impl FnOnce(&'static Python) -> Option<Object>) -> Object {
    let Some(python) = python() else { return ptr::null_mut() };
    catch_unwind(AssertUnwindSafe(|| call(python))).ok().flatten().unwrap_or_else(|| python.none())
}

fn python() -> Option<&'static Python> {
    PYTHON.get_or_init(Python::find).as_ref()
}

impl Python {
    /// The bytes of an argument; `None` for anything else.
    ///
    /// # Safety
    /// `arguments` is a tuple that lives as long as `'a`.
    unsafe fn bytes<'a>(&self, arguments: Object, index: isize) -> Option<&'a [u8]> {
        // SAFETY: the tuple keeps the item, and bytes do not change.
        unsafe {
            let item = (self.tuple_get_item)(arguments, index);
            let (mut data, mut length) = (ptr::null_mut(), 0);
            if item.is_null() || item == self.none || (self.bytes_as)(item, &mut data, &mut length) != 0 {
                (self.clear_error)();
                return None;
            }
            Some(std::slice::from_raw_parts(data.cast(), usize::try_from(length).ok()?))
        }
    }

    /// Runs `call`, which may wait for the Console, without Python's lock.
    fn unlocked<T>(&self, call: impl FnOnce() -> T) -> T {
        // SAFETY: Python called us with its lock held, and gets it back; `call` leaves by no panic (the C ABI).
        unsafe {
            let state = (self.save_thread)();
            let result = call();
            (self.restore_thread)(state);
            result
        }
    }

    fn none(&self) -> Object {
        // SAFETY: the one `None`.
        unsafe { (self.inc_ref)(self.none) };
        self.none
    }

    /// Looks up Python's functions in the running program; `None` outside Python.
    fn find() -> Option<Self> {
        // SAFETY: each symbol has the type that the C API documents for its name. What is `bytes` in 3 is `str` in 2.7.
        unsafe {
            Some(Self {
                tuple_get_item: symbol(c"PyTuple_GetItem")?,
                tuple_new: symbol(c"PyTuple_New")?,
                tuple_set_item: symbol(c"PyTuple_SetItem")?,
                bytes_from: symbol(c"PyBytes_FromStringAndSize")
                    .or_else(|| symbol(c"PyString_FromStringAndSize"))?,
                bytes_as: symbol(c"PyBytes_AsStringAndSize")
                    .or_else(|| symbol(c"PyString_AsStringAndSize"))?,
                long_from: symbol(c"PyLong_FromLong")?,
                inc_ref: symbol(c"Py_IncRef")?,
                clear_error: symbol(c"PyErr_Clear")?,
                save_thread: symbol(c"PyEval_SaveThread")?,
                restore_thread: symbol(c"PyEval_RestoreThread")?,
                none: symbol(c"_Py_NoneStruct")?,
            })
        }
    }
}
