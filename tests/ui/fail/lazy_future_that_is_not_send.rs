use perf_runtime::lazy_resource;

#[lazy_resource]
static VALUE: u32 = async {
    let local = std::rc::Rc::new(1);
    std::future::ready(()).await;
    *local
};

fn main() {}
