//! Matrix products on the processor through the library matrixmultiply (SIMD, in wasm too): the fast versions' core.

/// A matrix inside a slice: element (i, j) is at `i * row + j * col`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    values: &'a [f32],
    rows: usize,
    cols: usize,
    row: usize,
    col: usize,
}

/// A matrix [rows, cols] that is stored row by row.
pub fn stored(values: &[f32], rows: usize, cols: usize) -> View<'_> {
    View { values: &values[..rows * cols], rows, cols, row: cols, col: 1 }
}

/// The transpose [cols, rows] of a matrix that is stored row by row.
pub fn transposed(values: &[f32], rows: usize, cols: usize) -> View<'_> {
    View { values: &values[..rows * cols], rows: cols, cols: rows, row: 1, col: cols }
}

/// c [a.rows, b.cols] = a · b, with c stored row by row.
pub fn multiply(a: View, b: View, c: &mut [f32]) {
    let (m, k, n) = (a.rows, a.cols, b.cols);
    assert_eq!(k, b.rows, "the inner sizes of a product differ");
    let c = &mut c[..m * n];
    #[expect(
        unsafe_code,
        reason = "the library takes pointers; a view's slice holds exactly its matrix, and so does c"
    )]
    unsafe {
        matrixmultiply::sgemm(
            m,
            k,
            n,
            1.0,
            a.values.as_ptr(),
            a.row as isize,
            a.col as isize,
            b.values.as_ptr(),
            b.row as isize,
            b.col as isize,
            0.0,
            c.as_mut_ptr(),
            n as isize,
            1,
        );
    }
}
