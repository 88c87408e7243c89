"""The tree and its proofs, against RFC 6962 read naively and against an implementation that isn't ours."""

from functools import reduce
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from brugerbog.infrastructure.crypto.tree_hash import Frontier, leaf_hash, node_hash
from brugerbog.infrastructure.transparency_log.merkle_tree import Tree, is_consistent, is_included

SIZES = range(1, 131)
LARGE = 200_003


def entry(index: int) -> bytes:
    return b"event %d" % index


def leaves(size: int) -> bytes:
    return b"".join(leaf_hash(entry(index)) for index in range(size))


def leaf_at(index: int) -> bytes:
    return leaf_hash(entry(index))


TREE = Tree(leaves(SIZES[-1]))
PEER = InmemoryTree(algorithm="sha256")
PEER.append_entries([entry(index) for index in range(SIZES[-1])])


def peer_inclusion(index: int, size: int) -> list[bytes]:
    """Its path begins with the leaf itself."""
    return PEER.prove_inclusion(index + 1, size).path[1:]


def peer_consistency(older: int, size: int) -> list[bytes]:
    """Its path, as the RFC has it.

    It takes what stands right of the older tree apart down to one leaf, where the RFC takes it whole, and
    names the last subtree of the older tree also when that is the whole of it.
    """
    theirs = PEER.prove_consistency(older, size)
    if older == size:
        return []
    last = theirs.subset.index(1)
    beside = reduce(node_hash, theirs.path[:last])
    is_perfect = older & (older - 1) == 0
    return [*([] if is_perfect else [theirs.path[last]]), beside, *theirs.path[last + 1 :]]


def test_every_root_is_the_peers_and_the_frontiers() -> None:
    frontier = Frontier()
    for size in (0, *SIZES):
        if size:
            frontier.append(leaf_at(size - 1))
        assert TREE.root_at(size) == Tree(leaves(size)).root() == PEER.get_root(size) == frontier.root()
        assert TREE.frontier_at(size).to_bytes() == frontier.to_bytes()


def test_every_inclusion_proof_is_the_peers_and_holds() -> None:
    for size in SIZES:
        root = TREE.root_at(size)
        for index in range(size):
            proof = TREE.inclusion(index, size)
            assert proof == peer_inclusion(index, size)
            assert is_included(leaf_at(index), index, size, proof, root)


def test_every_consistency_proof_is_the_peers_and_holds() -> None:
    for size in SIZES:
        for older in range(1, size + 1):
            proof = TREE.consistency(older, size)
            assert proof == peer_consistency(older, size)
            assert is_consistent(older, TREE.root_at(older), size, TREE.root_at(size), proof)


def test_the_peer_accepts_our_inclusion_proofs() -> None:
    size, root = SIZES[-1], TREE.root()
    for index in range(size):
        theirs = PEER.prove_inclusion(index + 1, size)
        theirs.path[1:] = TREE.inclusion(index)
        theirs.verify(leaf_at(index), root, index=index + 1, size=size)


def test_a_large_tree_proves_any_leaf_and_any_older_tree() -> None:
    tree = Tree(leaves(LARGE))
    for at in (0, 1, 65_535, 65_536, 131_072, LARGE - 1):
        assert is_included(leaf_at(at), at, LARGE, tree.inclusion(at), tree.root())
        assert is_consistent(at, tree.root_at(at), LARGE, tree.root(), tree.consistency(at))


@given(st.data())
def test_a_proof_of_another_leaf_place_or_tree_does_not_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, SIZES[-1]))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    proof, root = TREE.inclusion(index, size), TREE.root_at(size)
    assert not is_included(leaf_at(other), index, size, proof, root)
    assert not is_included(leaf_at(index), other, size, proof, root)
    assert not is_included(leaf_at(index), index, size, proof, TREE.root_at(size - 1))


@given(st.data())
def test_a_proof_changed_in_any_bit_shortened_or_lengthened_does_not_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, SIZES[-1]))
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    for proof, holds in (
        (
            TREE.inclusion(index, size),
            lambda p: is_included(leaf_at(index), index, size, p, TREE.root_at(size)),
        ),
        (
            TREE.consistency(older, size),
            lambda p: is_consistent(older, TREE.root_at(older), size, TREE.root_at(size), p),
        ),
    ):
        assert holds(proof)
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = int.from_bytes(proof[at], "big") ^ 1 << bit
        assert not holds([*proof[:at], flipped.to_bytes(32, "big"), *proof[at + 1 :]])
        assert not holds(proof[:-1])
        assert not holds([*proof, proof[-1]])
        assert not holds([*proof[:at], proof[at][:31], *proof[at + 1 :]])


def test_trees_that_differ_before_the_older_size_are_not_consistent() -> None:
    for size, older in ((9, 5), (130, 64), (130, 129), (2, 1)):
        forked = Tree(leaf_hash(b"rewritten") + leaves(size)[32:])
        proof = forked.consistency(older)
        assert not is_consistent(older, TREE.root_at(older), size, forked.root(), proof)
        assert not is_consistent(
            older, TREE.root_at(older), size, forked.root(), TREE.consistency(older, size)
        )


def test_the_empty_tree_and_the_same_tree_need_no_proof() -> None:
    empty, root = sha256().digest(), TREE.root()
    assert TREE.root_at(0) == Tree(b"").root() == empty
    assert TREE.consistency(0) == TREE.consistency(TREE.size) == []
    assert is_consistent(0, empty, TREE.size, root, [])
    assert is_consistent(TREE.size, root, TREE.size, root, [])
    assert not is_consistent(0, root, TREE.size, root, [])
    assert not is_consistent(TREE.size, root, TREE.size, empty, [])
    assert not is_consistent(0, empty, TREE.size, root, [root])


def test_what_is_not_there_can_not_be_proved() -> None:
    tree = Tree(leaves(5))
    for ask in (
        lambda: tree.root_at(6),
        lambda: tree.frontier_at(-1),
        lambda: tree.inclusion(5),
        lambda: tree.inclusion(-1),
        lambda: tree.inclusion(3, 3),
        lambda: tree.inclusion(0, 6),
        lambda: tree.consistency(6),
        lambda: tree.consistency(-1),
        lambda: tree.consistency(4, 3),
        lambda: Tree(b"x" * 33),
    ):
        with pytest.raises(ValueError, match=r"leaf|leaves|trees"):
            ask()
    assert not is_included(leaf_at(0), 0, 0, [], tree.root())
    assert not is_included(leaf_at(5), 5, 5, [], tree.root())
    assert not is_consistent(6, tree.root(), 5, tree.root(), [])


def test_growing_leaf_by_leaf_is_consistent_all_the_way() -> None:
    for older, newer in pairwise(SIZES):
        assert is_consistent(
            older, TREE.root_at(older), newer, TREE.root_at(newer), TREE.consistency(older, newer)
        )
