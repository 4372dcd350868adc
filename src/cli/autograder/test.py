from otter.test_files import test_case

from grades import check

OK_FORMAT = False

name = "{tensor}"
points = {points}


@test_case()
def marked(gradients):
    earned, said = check({"{tensor}": gradients["{tensor}"]})
    assert earned == points, said
