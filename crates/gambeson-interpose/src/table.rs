//! A growing array in memory of its own, for places where `malloc` must not be called.

use std::ops::{Deref, DerefMut};

use crate::kernel;

/// An array of at most `capacity` elements. The address range is reserved at once, memory is used as it fills; so nothing
/// is moved, and it works inside `dlopen`, in a signal handler and in a vforked child alike.
pub(crate) struct Table<T: Copy> {
    start: *mut T,
    len: usize,
    capacity: usize,
}

impl<T: Copy> Table<T> {
    pub(crate) fn new(capacity: usize) -> Result<Self, i32> {
        let start = kernel::map_anonymous(0, Self::bytes(capacity))?;
        Ok(Self { start: start as *mut T, len: 0, capacity })
    }

    /// Adds an element; false if there is no room, and then the element is not in it.
    #[must_use]
    pub(crate) fn push(&mut self, element: T) -> bool {
        let room = self.len < self.capacity;
        if room {
            // SAFETY: below the capacity, so within the mapping, which is page-aligned.
            unsafe { self.start.add(self.len).write(element) };
            self.len += 1;
        }
        room
    }

    fn bytes(capacity: usize) -> usize {
        (capacity.max(1) * size_of::<T>()).next_multiple_of(kernel::PAGE)
    }
}

impl Table<u8> {
    /// `len` zero bytes.
    pub(crate) fn zeroed(len: usize) -> Result<Self, i32> {
        let mut table = Self::new(len)?;
        table.len = len;
        Ok(table)
    }

    /// The room that is left, to be read into; `advance` then says how much was.
    pub(crate) fn spare(&mut self) -> &mut [u8] {
        // SAFETY: within the mapping, which starts zeroed, so initialised.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(self.len), self.capacity - self.len) }
    }

    pub(crate) fn advance(&mut self, by: usize) {
        self.len = (self.len + by).min(self.capacity);
    }
}

impl<T: Copy> Deref for Table<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: the first `len` elements were written, or are zero bytes of a `Table<u8>`.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl<T: Copy> DerefMut for Table<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }
}

impl<T: Copy> Drop for Table<T> {
    fn drop(&mut self) {
        // SAFETY: ours alone, and slices of it cannot outlive it.
        unsafe { kernel::unmap(self.start as usize, Self::bytes(self.capacity)) };
    }
}
