#ifdef EASEL_ONEDNN
#include "backend/onednn/matrix.h"

#include <omp.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace easel::onednn {

namespace {

using cpu::ceil_div;
using dnnl::memory;

// Weights of a group that stay in a second-level cache while the rows go by, and the widest group,
// a multiple of what oneDNN takes at a time.
constexpr std::int64_t kGroupBytes = std::int64_t{1} << 20;
constexpr std::int64_t kColumnStep = 64, kMostColumns = 512;

memory::data_type type_of(Element element) {
  return element == Element::kBf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

dnnl::matmul::primitive_desc describe(const dnnl::engine& engine, Element element,
                                      std::int64_t rows, std::int64_t k,
                                      const memory::desc& weights, std::int64_t columns) {
  const memory::desc a({rows, k}, type_of(element), memory::format_tag::ab);
  const memory::desc c({rows, columns}, memory::data_type::f32, memory::format_tag::ab);
  dnnl::primitive_attr attributes;
  // Given by us: oneDNN's own is shared by threads that run the same product.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return {dnnl::matmul::desc(a, weights, c), attributes, engine};
}

}  // namespace

Engine::Engine(int workers) : cpu_(dnnl::engine::kind::cpu, 0), scratch_(workers) {
  for (int i = 0; i < workers; ++i) streams_.emplace_back(cpu_);
}

Matrix::Matrix(const cpu::Context& context, const Engine& engine, Element element,
               const cpu::PackedMatrix::Layout& layout, const TensorSource& weight,
               const TensorSource* bias)
    : engine_(engine), element_(element), k_(layout.k), width_(context.kernels.panel()) {
  const cpu::PackedMatrix packed(context, layout, weight, bias);
  panels_ = packed.panels();
  const std::int64_t fit = kGroupBytes / (k_ * static_cast<std::int64_t>(bytes_of(element)));
  const std::int64_t columns =
      std::clamp(fit / kColumnStep * kColumnStep, kColumnStep, kMostColumns);
  group_panels_ = std::min(panels_, std::max<std::int64_t>(1, columns / width_));
  for (std::int64_t panel = 0; panel < panels_; ++panel) {
    bias_.insert(bias_.end(), packed.bias(panel), packed.bias(panel) + width_);
  }

  omp_set_num_threads(1);
  const std::int64_t groups = ceil_div(panels_, group_panels_);
  groups_.resize(static_cast<std::size_t>(groups));
  for (std::int64_t group = 0; group < groups; ++group) {
    const auto [first, last] = panels(group);
    const std::int64_t count = (last - first) * width_;
    if (!orders_.contains(count)) {
      const memory::desc any({k_, count}, type_of(element), memory::format_tag::any);
      orders_[count] = describe(engine.cpu(), element, kChunkRows, k_, any, count).weights_desc();
    }
    std::vector<float> values(static_cast<std::size_t>(k_ * count), 0.0f);
    for (std::int64_t panel = first; panel < last; ++panel) {
      const std::int64_t wide = packed.vectors(panel) * context.kernels.gemm.lanes;
      const float* terms = packed.terms(panel, 0, k_, nullptr);
      for (std::int64_t k = 0; k < k_; ++k) {
        std::copy_n(terms + k * wide, wide, values.data() + k * count + (panel - first) * width_);
      }
    }
    memory& kept = groups_[static_cast<std::size_t>(group)];
    kept = reordered(orders_.at(count), values, count);
    bytes_ += static_cast<std::int64_t>(kept.get_desc().get_size());
  }
}

dnnl::memory Matrix::reordered(const memory::desc& wanted, const std::vector<float>& values,
                               std::int64_t columns) const {
  const memory::desc plain({k_, columns}, memory::data_type::f32, memory::format_tag::ab);
  // oneDNN only reads it.
  memory from(plain, engine_.cpu(), const_cast<float*>(values.data()));
  memory to(wanted, engine_.cpu());
  dnnl::stream stream = engine_.stream(0);
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  return to;
}

std::pair<std::int64_t, std::int64_t> Matrix::panels(std::int64_t group) const {
  return {group * group_panels_, std::min(panels_, (group + 1) * group_panels_)};
}

std::int64_t Matrix::columns(std::int64_t group) const {
  const auto [first, last] = panels(group);
  return (last - first) * width_;
}

const Matrix::Product& Matrix::product(std::int64_t rows, std::int64_t columns) const {
  const std::lock_guard lock(mutex_);
  const auto found = products_.find({rows, columns});
  if (found != products_.end()) return found->second;
  const auto description =
      describe(engine_.cpu(), element_, rows, k_, orders_.at(columns), columns);
  return products_
      .emplace(std::pair(rows, columns), Product{description, dnnl::matmul(description)})
      .first->second;
}

void Matrix::multiply(std::int64_t group, std::int64_t rows, const void* a, float* c,
                      int worker) const {
  omp_set_num_threads(1);  // of this thread
  const Product& product = this->product(rows, columns(group));
  // oneDNN only reads `a`.
  const memory left(product.description.src_desc(), engine_.cpu(), const_cast<void*>(a));
  const memory sums(product.description.dst_desc(), engine_.cpu(), c);
  dnnl::stream stream = engine_.stream(worker);
  product.run.execute(
      stream,
      {{DNNL_ARG_SRC, left},
       {DNNL_ARG_WEIGHTS, groups_[static_cast<std::size_t>(group)]},
       {DNNL_ARG_DST, sums},
       {DNNL_ARG_SCRATCHPAD, engine_.scratchpad(worker, product.description.scratchpad_desc())}});
  stream.wait();
}

}  // namespace easel::onednn
#endif
