"""Wrong uses of the public API: mypy finds each line that ends in its code, and no other."""

import poolviz as pv

pv.Pool("3")  # arg-type
pv.Pool(3, ceil_mode="yes")  # arg-type
pv.Pool(3, pad=1)  # call-arg
pv.Pool()  # call-arg
pv.Pol(3)  # attr-defined
pv.output_size(10.5, 3)  # arg-type
pv.output_size("10", 3)  # arg-type
pv.trace(3, 10)  # arg-type
pv.diagnose(pv.Pool(3))  # call-overload
pv.decode(None)  # arg-type
pv.decode("a").kind  # union-attr
pv.Stack([3], (1, 28, 28))  # list-item
pv.Stack([pv.Pool(2)], 28)  # arg-type
pv.Stack([pv.Pool(2)], (1, 28, 28)).first_failure.index  # union-attr
pv.Stack([pv.Pool(2)])  # call-arg
number: str = pv.output_size(10, kernel_size=3)  # assignment
pv.exercise(3)  # arg-type
pv.set_language(None)  # arg-type
pv.PoolExplorer(10, kernel_size="3")  # arg-type
pv.ErrorDecoder(3)  # arg-type
pv.Pool(3).kernel_size = 4  # misc
